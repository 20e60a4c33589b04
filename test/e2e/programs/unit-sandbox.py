"""Runs a program under the limits of a systemd unit, read from its text, where no systemd runs.

    unit-sandbox.py UNIT WRITABLE-FOLDER PROGRAM [WORD...]

System calls by systemd's own groups, address families, namespaces, capabilities and file systems; needs root to set up.
"""

import ctypes
import os
import re
import socket
import subprocess
import sys

libc = ctypes.CDLL(None, use_errno=True)
seccomp = ctypes.CDLL("libseccomp.so.2")
seccomp.seccomp_init.restype = ctypes.c_void_p

CLONE_NEWNS = 0x00020000
NAMESPACES = 0x7E020080
MS_RDONLY, MS_REMOUNT, MS_BIND, MS_REC, MS_PRIVATE = 1, 32, 4096, 16384, 1 << 18
PR_CAPBSET_DROP, PR_SET_NO_NEW_PRIVS, PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL = 24, 38, 47, 4
ALLOW, REFUSE, UNKNOWN = 0x7FFF0000, 0x00050000 | 1, 0x00050000 | 38
EQUAL, MASKED_EQUAL = 4, 7


class Compare(ctypes.Structure):
    _fields_ = [("arg", ctypes.c_uint), ("op", ctypes.c_int), ("a", ctypes.c_uint64), ("b", ctypes.c_uint64)]


def must(result, what):
    if result != 0:
        raise OSError(ctypes.get_errno(), f"{what}: {os.strerror(ctypes.get_errno())}")


def values(unit, key):
    return [value.split() for value in re.findall(rf"^{key}=(.*)$", unit, re.M)]


def members(name):
    """The system calls of a name or group, groups within groups included."""
    if not name.startswith("@"):
        return {name}
    text = subprocess.run(["systemd-analyze", "syscall-filter", name], check=True, capture_output=True, text=True).stdout
    lines = [line.strip() for line in text.splitlines()[1:]]
    return set().union(*(members(line) for line in lines if line and not line.startswith("#")))


def allowed_calls(unit):
    calls = set()
    for words in values(unit, "SystemCallFilter"):
        refuse = words[0].startswith("~")
        listed = set().union(*(members(word.lstrip("~")) for word in words))
        calls = calls - listed if refuse else calls | listed
    return calls


def mount(source, target, kind, flags):
    encoded = [None if text is None else text.encode() for text in (source, target, kind)]
    must(libc.mount(*encoded, flags, None), f"mount {target}")


def seal_files(writable, needed):
    must(libc.unshare(CLONE_NEWNS), "unshare")
    mount(None, "/", None, MS_REC | MS_PRIVATE)
    for home in ("/home", "/root", "/run/user"):
        if os.path.isdir(home) and not any(path.startswith(home + "/") for path in needed):
            mount("tmpfs", home, "tmpfs", MS_RDONLY)
    mount(writable, writable, None, MS_BIND)
    with open("/proc/self/mountinfo", encoding="utf-8") as mounts:
        places = [line.split()[4] for line in mounts]
    for place in places:
        if place != writable and not place.startswith(("/proc", "/dev", "/sys")):
            mount(None, place, None, MS_BIND | MS_REMOUNT | MS_RDONLY)


def drop_rights():
    for capability in range(64):
        libc.prctl(PR_CAPBSET_DROP, capability, 0, 0, 0)
    libc.prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0)
    header = (ctypes.c_uint32 * 2)(0x20080522, 0)
    must(libc.capset(header, (ctypes.c_uint32 * 6)()), "capset")
    must(libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "no new privileges")


def rule(context, name, *compares, action=ALLOW):
    number = seccomp.seccomp_syscall_resolve_name(name.encode())
    if number >= 0:
        array = (Compare * len(compares))(*compares)
        must(seccomp.seccomp_rule_add_array(ctypes.c_void_p(context), ctypes.c_uint32(action), number, len(compares), array), name)


def filter_calls(unit):
    context = seccomp.seccomp_init(ctypes.c_uint32(REFUSE))
    # The program is started under the filter, which systemd allows itself as well.
    for name in sorted(allowed_calls(unit) | {"execve"}):
        if name == "socket":
            for family in values(unit, "RestrictAddressFamilies")[0]:
                rule(context, name, Compare(0, EQUAL, getattr(socket, family), 0))
        elif name == "clone":
            rule(context, name, Compare(0, MASKED_EQUAL, NAMESPACES, 0))
        elif name == "clone3":
            # Its flags are behind a pointer, so systemd says that there is no such call, and C libraries take clone.
            rule(context, name, action=UNKNOWN)
        elif name not in ("unshare", "setns"):
            rule(context, name)
    must(seccomp.seccomp_load(ctypes.c_void_p(context)), "seccomp")


def main():
    path, writable, *program = sys.argv[1:]
    with open(path, encoding="utf-8") as file:
        unit = file.read()
    os.umask(int(values(unit, "UMask")[0][0], 8))
    seal_files(os.path.realpath(writable), [word for word in program if word.startswith("/")])
    drop_rights()
    filter_calls(unit)
    os.execvp(program[0], program)


main()
