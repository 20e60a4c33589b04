"""The P-256 group (FIPS 186-4, D.1.2.3) in pure Python, for the arithmetic of pairing alone.

Addition is the complete formula of Renes, Costello and Batina (2016/111, algorithm 4, a = -3): no special case depends
on the points, so none is taken for secret ones. A multiplication does 256 doublings and 256 additions whatever the
scalar. What is not constant-time: Python's integers themselves, whose operations take a little longer for longer
numbers, and the choice of one of two results by a secret bit, which is a look-up in memory. Pairing runs once, with a
scalar drawn anew, over a network; keep that in mind before you use this for anything else. Keys and signatures are
made by `cryptography`, not here.
"""

from __future__ import annotations

PRIME = 2**256 - 2**224 + 2**192 + 2**96 - 1
ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
_B = 0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B
_BITS = 256


class Point:
    """A point in projective coordinates: x = X/Z, y = Y/Z; Z = 0 for the identity."""

    __slots__ = ("X", "Y", "Z")

    def __init__(self, X: int, Y: int, Z: int) -> None:
        self.X, self.Y, self.Z = X, Y, Z

    def __add__(self, other: Point) -> Point:
        return _add(self, other)

    def __neg__(self) -> Point:
        return Point(self.X, -self.Y % PRIME, self.Z)

    def __sub__(self, other: Point) -> Point:
        return _add(self, -other)

    def __mul__(self, scalar: int) -> Point:
        return _multiply(self, scalar)

    @property
    def is_identity(self) -> bool:
        """Whether this is the group's zero."""
        return self.Z % PRIME == 0

    def to_bytes(self) -> bytes:
        """Returns 04‖x‖y, 65 bytes; ValueError for the identity, which has none."""
        if self.is_identity:
            raise ValueError("the identity has no coordinates")
        inverse = pow(self.Z, PRIME - 2, PRIME)
        x, y = self.X * inverse % PRIME, self.Y * inverse % PRIME
        return b"\x04" + x.to_bytes(32, "big") + y.to_bytes(32, "big")


IDENTITY = Point(0, 1, 0)


def parse_point(data: bytes) -> Point:
    """Returns the point of 04‖x‖y; ValueError for every other form and for what is not on the curve."""
    if len(data) != 65 or data[0] != 4:
        raise ValueError("not an uncompressed P-256 point of 65 bytes")
    x, y = int.from_bytes(data[1:33], "big"), int.from_bytes(data[33:], "big")
    if x >= PRIME or y >= PRIME or (y * y - _curve(x)) % PRIME != 0:
        raise ValueError("not a point on P-256")
    return Point(x, y, 1)


def decompress(data: bytes) -> Point:
    """Returns the point of a compressed constant: 02 or 03, then x."""
    x = int.from_bytes(data[1:], "big")
    y = pow(_curve(x), (PRIME + 1) // 4, PRIME)
    if y % 2 != data[0] % 2:
        y = PRIME - y
    return parse_point(b"\x04" + x.to_bytes(32, "big") + y.to_bytes(32, "big"))


def parse_scalar(data: bytes) -> int:
    """Returns the scalar of 32 bytes; ValueError outside 1…n−1."""
    number = int.from_bytes(data, "big")
    if len(data) != 32 or not 0 < number < ORDER:
        raise ValueError("not a scalar of 32 bytes in 1…n−1")
    return number


def _curve(x: int) -> int:
    return (x * x * x - 3 * x + _B) % PRIME


def _multiply(point: Point, scalar: int) -> Point:
    result = IDENTITY
    for shift in range(_BITS - 1, -1, -1):
        result = _add(result, result)
        result = (result, _add(result, point))[(scalar >> shift) & 1]
    return result


def _add(p: Point, q: Point) -> Point:
    """Algorithm 4; the names are the paper's, its additions in a row are multiples here."""
    t0, t1, t2 = p.X * q.X % PRIME, p.Y * q.Y % PRIME, p.Z * q.Z % PRIME
    t3 = (p.X + p.Y) * (q.X + q.Y) - t0 - t1
    t4 = (p.Y + p.Z) * (q.Y + q.Z) - t1 - t2
    y3 = (p.X + p.Z) * (q.X + q.Z) - t0 - t2
    x3 = 3 * (y3 - _B * t2) % PRIME
    z3 = t1 - x3
    x3 = t1 + x3
    y3 = 3 * (_B * y3 - 3 * t2 - t0) % PRIME
    t0 = 3 * (t0 - t2) % PRIME
    return Point((t3 * x3 - t4 * y3) % PRIME, (x3 * z3 + t0 * y3) % PRIME, (t4 * z3 + t3 * t0) % PRIME)


G = decompress(bytes.fromhex("036b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"))
"""The generator."""
