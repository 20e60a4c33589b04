#!/bin/sh
# avahi-daemon with a bus of its own, in the network namespace it is started in. $1: folder of its own, $2: interface.
set -eu
folder=$1
mkdir -p /run/avahi-daemon
mount -t tmpfs tmpfs /run/avahi-daemon
cat >"$folder/bus.conf" <<BUS
<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN" "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>custom</type>
  <listen>unix:path=$folder/bus</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
    <allow user="*"/>
  </policy>
</busconfig>
BUS
cat >"$folder/avahi.conf" <<AVAHI
[server]
host-name=beside
use-ipv4=yes
use-ipv6=yes
allow-interfaces=$2
enable-dbus=yes
[publish]
publish-workstation=no
AVAHI
dbus-daemon --config-file="$folder/bus.conf" --nofork &
bus=$!
trap 'kill $bus' EXIT
until [ -S "$folder/bus" ]; do sleep 0.05; done
DBUS_SYSTEM_BUS_ADDRESS=unix:path=$folder/bus avahi-daemon -f "$folder/avahi.conf" --no-drop-root --no-chroot --no-rlimits
