"""The import name that scripts of the discontinued product use; everything here is `cider_fleet`'s."""

from cider_fleet import *  # noqa: F403
from cider_fleet import __all__ as __all__
from cider_fleet import __version__ as __version__
