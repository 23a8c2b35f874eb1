#!/usr/bin/env bash
# Installs ipps443, upgrades it, removes it, shows it at work. See --help, and "Names and places" in docs/design.md.
#
# Rules of this script:
# - everything is prepared in a folder of its own and checked there; only then it is put in place, by renames, launchers last,
#   and signals wait meanwhile. Interrupted before, nothing has changed; run again, it completes whatever happened;
# - a running job keeps the version it started with: versions stand side by side and one symbolic link is switched;
# - pins are created once and never overwritten;
# - what it found and what it did is recorded in /var/lib/ipps443/state, so that --uninstall can leave the system as it was.
set -eu
umask 022
export LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive
unset CUPS_SERVER CDPATH
PATH=/usr/local/sbin:/usr/sbin:/sbin:${PATH:-/usr/local/bin:/usr/bin:/bin}
source=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

usage() {
    cat <<'END'
Usage: sudo ./install.sh [--demo] [--venv] [--destdir DIR]
       sudo ./install.sh --uninstall | --purge [--force]

Installs ipps443, or upgrades it when it is there.

  --demo         install, then print to a demo printer on this machine, three ways
  --venv         Python packages from the Python index, into a private virtual
                 environment, where the distribution has none or old ones; pycups
                 stays the distribution's if it has it
  --destdir DIR  put the files of a package below DIR: no pins or other state, no
                 bytecode
  --uninstall    remove all but the pins and the audit log
  --purge        remove those too
  --force        remove although queues still use ipps443
  --packages     list the packages needed on Debian and Ubuntu
  --help         this text
END
}

# Names of queues, texts of descriptions and words of apt may hold what moves a terminal's cursor: only ASCII is shown.
printable() { local LC_ALL=C text=$*; echo "${text//[! -~]/?}"; }
say() { printable "ipps443: $*"; }
fail() { printable "install.sh: $*" >&2; exit 1; }

resolve_destdir() {  # the folder as an absolute path; the real system is not one
    local folder
    [ -n "$1" ] || fail "--destdir needs a folder."
    # set -e does not count in here, and no answer would be taken for no --destdir.
    folder=$(realpath -m -- "$1") || fail "What folder --destdir $1 is cannot be found out (see above)."
    [ "$folder" != / ] || fail "--destdir / is the system itself; leave --destdir out to install there."
    echo "$folder"
}

packages=(cups cups-client)
python_packages=(
    python3-cryptography python3-cups python3-h11 python3-pil python3-pypdf python3-reportlab
)
# The same for --venv, as in setup.cfg: from the versions of Debian 12 to the last that were tried.
index_packages=("h11>=0.14,<1" "cryptography>=38,<51" "pillow>=9.4,<13" "pypdf>=3.4,<8" "reportlab>=3.6,<6")
# It is in C against libcups, and no wheel: built only where the distribution has none for this Python.
index_pycups="pycups>=2.0.1,<3"

# What is looked for, and the package that has it on Debian and Ubuntu, Fedora, Arch, openSUSE.
systems=("Debian, Ubuntu: apt-get install" "Fedora: dnf install" "Arch: pacman -S" "openSUSE: zypper install")
needs=(
    "program cupsd         cups                  cups                  cups                 cups"
    "program lpadmin       cups-client           cups                  cups                 cups-client"
    "program lpstat        cups-client           cups-client           cups                 cups-client"
    "program ppdc          cups-ppdc             cups                  cups                 cups-ddk"
    "program gs            ghostscript           ghostscript           ghostscript          ghostscript"
    "module  h11           python3-h11           python3-h11           python-h11           python3-h11"
    "module  cryptography  python3-cryptography  python3-cryptography  python-cryptography  python3-cryptography"
    "module  PIL           python3-pil           python3-pillow        python-pillow        python3-Pillow"
    "module  pypdf         python3-pypdf         python3-pypdf         python-pypdf         python3-pypdf"
    "module  reportlab     python3-reportlab     python3-reportlab     python-reportlab     python3-reportlab"
    "module  cups          python3-cups          python3-cups          python-pycups        python3-pycups"
    "venv    ensurepip     python3-venv          python3               python               python3"
)

action=install demo=no venv=no destdir='' force=no
while [ $# -gt 0 ]; do
    case $1 in
        --demo) demo=yes ;;
        --venv) venv=yes ;;
        --destdir) destdir=$(resolve_destdir "${2-}"); shift ;;
        --destdir=*) destdir=$(resolve_destdir "${1#*=}") ;;
        --uninstall) [ $action = purge ] || action=uninstall ;;
        --purge) action=purge ;;
        --force) force=yes ;;
        --packages) printf '%s\n' "${packages[@]}" "${python_packages[@]}"; exit 0 ;;
        --help | -h) usage; exit 0 ;;
        *) fail "Unknown option $1; see ./install.sh --help." ;;
    esac
    shift
done
[ -z "$destdir" ] || [ "$demo$action" = noinstall ] || fail "--destdir goes with nothing but --venv."
if [ -z "$destdir" ] && [ "$(id -u)" != 0 ]; then fail "Needs root: run sudo ./install.sh"; fi
# The files of a package are dpkg's; what changes them behind its back is undone by the next upgrade, or undoes it.
if [ -z "$destdir" ] && dpkg-query -W -f '${db:Status-Status}\n' ipps443 2>/dev/null | grep -qvx -e not-installed -e config-files; then
    fail "The package ipps443 is installed: upgrade or remove it with apt-get, then run this again."
fi

# --- places -----------------------------------------------------------------------------------------------

cups_config() { command -v cups-config >/dev/null && cups-config "$1" || echo "$2"; }
serverbin=$(cups_config --serverbin /usr/lib/cups)
datadir=$(cups_config --datadir /usr/share/cups)
serverroot=$(cups_config --serverroot /etc/cups)
cachedir=/var/cache/cups
library=/usr/lib/ipps443
pins=$serverroot/ipps443
log=/var/log/ipps443
rotation=/etc/logrotate.d/ipps443
record=/var/lib/ipps443
demo_queue=ipps443-demo
filters=(texttopcl texttopdf443 pdftopcl pdftopwg443 pdfcheck443 imagetopcl imagetopdf443 scstopcl scstopdf443)
manuals=/usr/share/man/man8
units=/usr/lib/systemd/system
timer=ipps443-find.timer
documents=/usr/share/doc/ipps443

# --- the record of what was found and done ------------------------------------------------------------------

recall() { [ ! -f "$record/state" ] || sed -n "s/^$1=//p" "$record/state" | tail -n 1; }

remember() {  # remember NAME VALUE: replaces an earlier value
    mkdir -p "$record"
    { [ ! -f "$record/state" ] || grep -v "^$1=" "$record/state" || true; echo "$1=$2"; } >"$record/state.new"
    mv -f "$record/state.new" "$record/state"
}

remember_once() { [ -n "$(recall "$1")" ] || remember "$1" "$2"; }

# --- cupsd ----------------------------------------------------------------------------------------------------

cups_socket() {
    local path
    for path in /run/cups/cups.sock /var/run/cups/cups.sock; do
        [ ! -S $path ] || { echo $path; return; }
    done
    echo localhost:631
}

cupsd_answers() { [ "$(lpstat -h "$(cups_socket)" -r 2>/dev/null)" = "scheduler is running" ]; }
has_systemd() { [ -d /run/systemd/system ]; }

# The process behind the socket, so that another cupsd on the machine is never meant.
cupsd_process() {
    if has_systemd; then systemctl show -p MainPID --value cups; return; fi
    "$python" -I - "$(cups_socket)" 2>/dev/null <<'END' || echo 0
import socket, struct, sys
with socket.socket(socket.AF_UNIX) as s:
    s.connect(sys.argv[1])
    print(struct.unpack("3i", s.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))[0])
END
}

await_cupsd() {
    local end=$((SECONDS + 15))
    until cupsd_answers; do
        [ $SECONDS -lt $end ] || return 1
        sleep 0.1
    done
}

start_cupsd() {
    cupsd_answers && return
    remember_once cupsd_was stopped
    say "starting cupsd"
    if has_systemd; then systemctl start cups || true
    elif [ -x /etc/init.d/cups ]; then /etc/init.d/cups start >/dev/null 2>&1 || true
    fi
    # The init script may have been told not to start anything; then by hand.
    cupsd_answers || has_systemd || cupsd || true
    await_cupsd || fail "cupsd does not start; see /var/log/cups/error_log."
}

stop_cupsd() {
    local process end=$((SECONDS + 30))
    if has_systemd; then systemctl stop cups.socket cups.path cups.service 2>/dev/null || true; return; fi
    process=$(cupsd_process) && [ "$process" -gt 1 ] || return 0
    kill "$process"
    while kill -0 "$process" 2>/dev/null && [ $SECONDS -lt $end ]; do sleep 0.1; done
    # The pid file of the init script, if it was started that way.
    if [ -x /etc/init.d/cups ]; then /etc/init.d/cups stop >/dev/null 2>&1 || true; fi
}

# cupsd reads MIME rules when it starts or gets SIGHUP; both end the jobs that print just then, of all queues.
reload_cupsd() {
    local process end=$((SECONDS + 60)) said=no
    while lpstat -h "$(cups_socket)" -p 2>/dev/null | grep -q 'now printing'; do
        [ $said = yes ] || say "jobs are printing; waiting for their end, a minute at most"
        said=yes
        [ $SECONDS -lt $end ] || {
            say "jobs are printing: run install.sh again later, or restart cupsd, so that it reads the new MIME rules"
            return
        }
        sleep 1
    done
    process=$(cupsd_process) && [ "$process" -gt 1 ] || return 0
    say "letting cupsd read the changed MIME rules"
    kill -HUP "$process"
    sleep 1
    await_cupsd || fail "cupsd does not answer after reading its MIME rules; see /var/log/cups/error_log."
    remember mime read
}

# --- packages -------------------------------------------------------------------------------------------------

is_installed() { dpkg-query -W -f '${db:Status-Status}\n' "$1" 2>/dev/null | grep -qx installed; }

install_packages() {
    local wanted=("${packages[@]}") missing=() package log
    if command -v apt-get >/dev/null && command -v dpkg-query >/dev/null; then
        if [ $venv = no ]; then wanted+=("${python_packages[@]}"); else wanted+=(python3-venv python3-cups); fi
        for package in "${wanted[@]}"; do is_installed "$package" || missing+=("$package"); done
        [ ${#missing[@]} -gt 0 ] || return 0
        say "installing packages: ${missing[*]}"
        log=$(mktemp)
        if run_apt update && run_apt --no-install-recommends install "${missing[@]}"; then
            # Its package may have started cupsd.
            remember_once cupsd_was "$cupsd_found"
            remember packages "$(recall packages) ${missing[*]}"
        else
            tail -n 3 "$log" >&2
            say "packages cannot be installed (see above); going on with what is there"
        fi
        rm -f "$log"
    fi
}

run_apt() {  # what apt-get says goes to the log, how far it is to the terminal (README.progress-reporting of apt)
    apt-get -qy -o DPkg::Lock::Timeout=120 -o APT::Status-Fd=3 "$@" 3>&1 >"$log" 2>&1 </dev/null | show_progress
    return "${PIPESTATUS[0]}"
}

show_progress() {  # a line at each quarter, and at least one in 20 seconds
    local kind percent text quarter shown='' at=$SECONDS
    while IFS=: read -r kind _ percent text; do
        case $kind in dlstatus) kind=fetched ;; pmstatus) kind=installed ;; *) continue ;; esac
        percent=${percent%%.*}
        [[ $percent =~ ^[0-9]+$ ]] || continue
        quarter=$kind$((percent / 25))
        [ "$quarter" != "$shown" ] || [ $SECONDS -ge $((at + 20)) ] || continue
        shown=$quarter at=$SECONDS
        say "  $kind $percent %: $text"
    done
}

# check_needs KIND ...: all that this system lacks of these kinds, in one message with the names of their packages.
check_needs() {
    local kinds=" $* " need kind name names='' lacking=() line number
    for need in "${needs[@]}"; do
        read -r kind name _ <<<"$need"
        [[ $kinds == *" $kind "* || $kinds == *" $name "* ]] || continue
        has_need "$kind" "$name" && continue
        lacking+=("$need")
        if [ "$kind" = program ]; then names+="$name, "; else names+="$name (Python), "; fi
    done
    [ -n "$names" ] || return 0
    echo "install.sh: Missing: ${names%, }. Install the packages, then run this again; nothing was changed." >&2
    for number in "${!systems[@]}"; do
        line=$(printf '%s\n' "${lacking[@]}" | awk -v field=$((number + 3)) '!seen[$field]++ { printf " %s", $field }')
        echo "  ${systems[number]}$line" >&2
    done
    [ $venv = yes ] || [[ " ${lacking[*]} " != *" module "* ]] ||
        echo "  Where there are no packages of the Python modules: ./install.sh --venv" >&2
    exit 1
}

has_need() {  # has_need KIND NAME
    case $1 in
        program) command -v "$2" >/dev/null ;;
        *) "$python" -I -c "import $2" 2>/dev/null ;;
    esac
}

# --- install --------------------------------------------------------------------------------------------------

version() { sed -n 's/^__version__ = "\(.*\)"$/\1/p' "$source/backend/__init__.py"; }

check_source() {
    local path
    for path in backend/ipps443 backend/main.py filters/texttopcl ppd/{ipps443.drv,ipps443.types,ipps443.convs,languages}; do
        [ -f "$source/$path" ] || fail "$source/$path is missing: run this script in a complete copy of the sources."
    done
    [ -n "$(version)" ] || fail "No version in $source/backend/__init__.py."
}

check_python() {
    "$python" -I -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null ||
        fail "$python is missing or older than Python 3.11."
}

stage_code() {  # the packages without launchers, tests and caches
    local package
    for package in backend filters; do
        (cd "$source" && find $package -name '*.py' -not -path '*/__pycache__/*' -print0) |
            (cd "$source" && xargs -0 -r cp --parents -t "$stage/code")
    done
    find "$stage/code" -type d -exec chmod 755 {} + -o -type f -exec chmod 644 {} +
    # A package compiles on the machine that it is installed on, whose Python may be a different one.
    [ -z "$destdir" ] || return 0
    # -s and -p: tracebacks name the place where the files will be.
    "$python" -I -m compileall -q -s "$stage/code" -p $library/current "$stage/code" || fail "The Python code cannot be compiled."
}

stage_venv() {
    local package wanted=("${index_packages[@]}")
    # The distribution's pycups is seen from inside; all else is the environment's own, whatever the system has.
    has_need module cups || wanted+=("$index_pycups")
    "$python" -m venv --system-site-packages "$stage/code/venv" >"$stage/pip" 2>&1 ||
        { tail -n 3 "$stage/pip" >&2; fail "No virtual environment can be made (see above)."; }
    for package in "${wanted[@]}"; do
        say "installing $package from the Python index"
        "$stage/code/venv/bin/python" -m pip install -q --no-input --ignore-installed "$package" >"$stage/pip" 2>&1 && continue
        grep -i error "$stage/pip" | tail -n 2 >&2
        if [ "$package" = "$index_pycups" ]; then
            say "to build pycups, a C compiler and the header files of CUPS and of $python are needed"
            check_needs cups
        fi
        fail "$package cannot be installed from the Python index (see above)."
    done
}

check_code() {
    local interpreter=$python
    if [ $venv = yes ]; then
        interpreter=$stage/code/venv/bin/python
        [ -x "$interpreter" ] || interpreter=$destdir$home/venv/bin/python
    fi
    "$interpreter" -IB -c 'import sys; sys.path.insert(0, sys.argv[1]); import h11, cryptography, backend.main, filters.common.job' \
        "$stage/code" || fail "The code does not run with $interpreter (see above); nothing was changed."
}

# Chooses the folder of this version: the version itself, or with +1, +2, ... when other code is or was there, which
# a running job may still read.
choose_home() {
    local number=0 current
    current=$(readlink "$destdir$library/current" 2>/dev/null || true)
    home=$library/$(version)
    case $library/$current in "$home"+*) number=${current##*+}; home=$library/$current ;; esac
    while [ -e "$destdir$home" ] && ! is_home_complete; do
        number=$((number + 1))
        home=$library/$(version)+$number
    done
}

is_home_complete() {  # the same code, and a virtual environment exactly if one is wanted
    diff -rq -x venv -x __pycache__ "$stage/code" "$destdir$home" >/dev/null 2>&1 || return 1
    if [ $venv = yes ]; then [ -x "$destdir$home/venv/bin/python" ]; else [ ! -e "$destdir$home/venv" ]; fi
}

starts_without_site() {  # whether Python finds the packages where that launcher looks for them under -S
    local folder
    folder=$(sed -n 's/^PACKAGES = "\(.*\)"$/\1/p' "$1")
    [ $venv = no ] && "$python" -IS -c 'import sys; sys.path.append(sys.argv[1]); import h11, cryptography' "$folder" \
        2>/dev/null && [ "$(optional_packages -I)" = "$(optional_packages -IS "$folder")" ]
}

optional_packages() {  # optional_packages FLAGS [FOLDER]: those that Python finds so; one may have come by pip, elsewhere
    "$python" "$1" -c '
import sys
from importlib.util import find_spec
sys.path += sys.argv[1:]
print([name for name in ("PIL", "cups", "pypdf", "reportlab") if find_spec(name)])' "${@:2}"
}

stage_launcher() {  # stage_launcher FROM TO: the folder of the packages and the interpreter are written into it
    local from=$source/$1 to=$stage/files$2 interpreter=$python flags
    [ -f "$from" ] || return 0
    [ $venv = no ] || interpreter=$home/venv/bin/python
    [ "$(grep -c '^ROOT = ' "$from")" = 1 ] || fail "$from has no line ROOT = that could be replaced."
    mkdir -p "${to%/*}"
    flags=$(sed -n '1s/^#!.* //p' "$from")
    [ "$flags" = -I ] || starts_without_site "$from" || flags=-I
    sed -e "1s|^#!.*|#!$interpreter $flags|" -e "s|^ROOT = .*|ROOT = \"$library/current\"|" "$from" >"$to"
    chmod 755 "$to"
}

stage_file() {  # stage_file FROM TO
    [ -f "$1" ] || return 0
    mkdir -p "$stage/files${2%/*}"
    cp "$1" "$stage/files$2"
    chmod 644 "$stage/files$2"
}

stage_files() {
    local name
    for name in "${filters[@]}"; do stage_launcher "filters/$name" "$serverbin/filter/$name"; done
    # In both, because users have no /usr/sbin in their PATH and root's scripts name it; where they are one folder, once.
    for name in /usr/sbin /usr/bin; do stage_launcher backend/ipps443ctl $name/ipps443ctl; done
    stage_launcher backend/driver "$serverbin/driver/ipps443"
    stage_file "$source/ppd/ipps443.types" "$datadir/mime/ipps443.types"
    stage_file "$source/ppd/ipps443.convs" "$datadir/mime/ipps443.convs"
    for name in "$source"/docs/*.8; do stage_file "$name" "$manuals/${name##*/}"; done
    for name in "$source"/docs/*.7; do stage_file "$name" "${manuals%8}7/${name##*/}"; done
    stage_file "$source/packaging/ipps443ctl.bash-completion" /usr/share/bash-completion/completions/ipps443ctl
    for name in "$source"/packaging/systemd/*; do stage_file "$name" "$units/${name##*/}"; done
    for name in README.md CHANGES.md; do stage_file "$source/$name" "$documents/$name"; done
    for name in "$source"/docs/*.md; do stage_file "$name" "$documents/docs/${name##*/}"; done
    mkdir -p "$stage/files$datadir/model/ipps443"
    # A language that this CUPS has no catalogue for is left out by ppdc, with a warning.
    ppdc -D VERSION="$(version)" -l "$(<"$source/ppd/languages")" -d "$stage/files$datadir/model/ipps443" "$source/ppd/ipps443.drv" \
        >"$stage/ppdc" 2>&1 ||
        { cat "$stage/ppdc" >&2; fail "The printer descriptions cannot be made with ppdc (see above)."; }
    # Last, because from then on cupsd finds the backend.
    stage_launcher backend/ipps443 "$serverbin/backend/ipps443"
}

# put_files: from the stage to their places, first copied beside them, then renamed, the backend last.
put_files() {
    local path
    while IFS= read -r path; do
        is_same "$stage/files$path" "$destdir$path" && continue
        mkdir -p "$destdir${path%/*}"
        cp -p "$stage/files$path" "$(new_name "$path")"
    done < <(staged_files)
    while IFS= read -r path; do
        [ -e "$(new_name "$path")" ] || continue
        mv -f "$(new_name "$path")" "$destdir$path"
        case $path in "$datadir"/mime/*) mime_changed=yes ;; "$units"/*) units_changed=yes ;; esac
    done < <(staged_files)
}

is_same() { cmp -s "$1" "$2" && [ "$(stat -c '%a %u' "$1")" = "$(stat -c '%a %u' "$2")" ]; }
new_name() { echo "$destdir${1%/*}/.${1##*/}.ipps443-new"; }

staged_files() {  # the backend last
    find "$stage/files" -type f -printf '/%P\n' | grep -vFx "$serverbin/backend/ipps443"
    echo "$serverbin/backend/ipps443"
}

# Files of the version before that this one does not have are removed, and the list is kept for --uninstall.
record_files() {
    local path
    [ -z "$destdir" ] || return 0
    mkdir -p "$record"
    staged_files >"$record/files.new"
    if [ -f "$record/files" ]; then
        grep -vxFf "$record/files.new" "$record/files" | while IFS= read -r path; do rm -f "$path"; done
    fi
    mv -f "$record/files.new" "$record/files"
}

owned() {  # owned OWNER MODE PATH
    chown "$1" "$3"
    chmod "$2" "$3"
}

# The timer that fills the device list runs only where the administrator has switched it on.
read_units() { ! has_systemd || systemctl daemon-reload || say "systemd does not read its units; run: systemctl daemon-reload"; }
stop_timer() { ! has_systemd || systemctl disable --now $timer 2>/dev/null || true; }

put_cache() {  # lp may write in the folder around it, so root must neither follow a link there nor give anything away
    local folder=$cachedir/ipps443
    if [ ! -e "$folder" ] && [ ! -L "$folder" ]; then
        setpriv --reuid lp --regid lp --clear-groups mkdir -m 750 -- "$folder" 2>/dev/null ||
            { mkdir -m 750 -- "$folder" && chown -h lp:lp "$folder"; }
    fi
    [ "$(stat -c '%F %U' -- "$folder")" = "directory lp" ] ||
        fail "$folder is no folder of lp; remove it, then run this again."
}

put_log() {  # only root may make files in the folder: lp writes the log, and cannot put a different one in its place
    local group=adm
    [ -n "$destdir" ] || getent group $group >/dev/null || group="lp"
    if [ -z "$destdir" ]; then  # a package makes them where it is installed
        mkdir -p "$log"
        owned root:root 755 "$log"
        if [ ! -e "$log/audit.log" ]; then
            : >"$stage/audit.log"
            owned lp:$group 640 "$stage/audit.log"
            mv "$stage/audit.log" "$log/audit.log"
        fi
    fi
    put_rotation $group
}

rotation_rule() {  # rotation_rule GROUP
    cat <<END
# The audit log of ipps443, kept for a year, as PCI DSS asks (10.5.1); for HIPAA's six years: rotate 72.
# Never copytruncate: what is written meanwhile would be lost. Your changes to this file stay.
$log/audit.log {
    monthly
    rotate 12
    create 0640 lp $1
    missingok
    notifempty
    compress
    delaycompress
END
    echo "}"
}

put_rotation() {  # put_rotation GROUP: what the administrator has changed, or removed, stays so
    local here=$destdir$rotation was
    was=$([ -n "$destdir" ] || recall rotation)
    if [ -e "$here" ]; then
        [ "$was" = "$(checksum "$here")" ] || return 0
    elif [ -n "$was" ]; then
        return 0
    fi
    mkdir -p "${here%/*}"
    rotation_rule "$1" >"$stage/rotation"
    owned root:root 644 "$stage/rotation"
    mv "$stage/rotation" "$here"
    [ -n "$destdir" ] || remember rotation "$(checksum "$here")"
}

checksum() { sha256sum <"$1" | cut -d ' ' -f 1; }

remove_log() {  # what is recorded stays, and so does a rule that the administrator has changed; --purge removes both
    if [ $action = purge ]; then
        rm -rf "$log" "$rotation"
        return
    fi
    [ ! -e "$rotation" ] || [ "$(recall rotation)" != "$(checksum "$rotation")" ] || rm -f "$rotation"
    [ -d "$log" ] || return 0
    [ -s "$log/audit.log" ] || rm -f "$log/audit.log"
    rmdir --ignore-fail-on-non-empty "$log"
    [ ! -e "$log" ] || say "kept the audit log in $log (--purge removes it)"
}

put_state() {  # folders and files that live on: pins, certificates, learned facts; a package makes them where it is installed
    [ -z "$destdir" ] || return 0
    mkdir -p "$pins/clients" "$cachedir"
    owned root:root 755 "$pins"
    owned root:lp 750 "$pins/clients"
    put_cache
    if [ ! -e "$pins/pins" ]; then
        cat >"$stage/pins" <<'END'
# Pins of ipps443: the printers that may get jobs. One printer a line; ipps443ctl writes them:
# host:port  spki-sha256:...  [cert-sha256:...]  [label="..."]  [added=...]
END
        owned root:lp 640 "$stage/pins"
        mv "$stage/pins" "$pins/pins"
    fi
    if [ ! -e "$pins/secret" ]; then
        (umask 077 && head -c 32 /dev/urandom >"$stage/secret")
        owned root:lp 640 "$stage/secret"
        mv "$stage/secret" "$pins/secret"
    fi
}

switch_version() {
    ln -sfn "${home##*/}" "$destdir$library/.current.new"
    mv -fT "$destdir$library/.current.new" "$destdir$library/current"
}

job_runs() {  # whether a program of ours runs, which may still read its version
    local command
    for command in /proc/[0-9]*/cmdline; do
        tr '\0' '\n' 2>/dev/null <"$command" | grep -qE "^$serverbin/((backend|driver)/ipps443|filter/(texttopcl|texttopdf443|pdftopcl|pdftopwg443|pdfcheck443|imagetopcl|imagetopdf443|scstopcl|scstopdf443))$" && return 0
    done
    return 1
}

remove_old_versions() {
    local folder
    if [ -z "$destdir" ] && job_runs; then
        say "jobs are printing; older versions in $library are removed by the next run of install.sh"
        return
    fi
    for folder in "$destdir$library"/*; do
        [ "$folder" = "$destdir$home" ] || [ -L "$folder" ] || rm -rf "$folder"
    done
}

commit() {
    local previous
    previous=$(readlink "$destdir$library/current" 2>/dev/null || true)
    trap '' INT TERM HUP
    put_state
    if [ ! -e "$destdir$home" ]; then mv "$stage/code" "$destdir$home"; fi
    switch_version
    record_files
    put_files
    put_log  # after record_files, which takes away a rule of 0.1.0
    trap - INT TERM HUP
    remove_old_versions
    if [ -z "$previous" ]; then say "installed version ${home##*/} in $destdir$library"
    elif [ "$previous" = "${home##*/}" ]; then say "version $previous was installed already and is complete"
    else say "upgraded from $previous to ${home##*/}"
    fi
}

install_all() {
    local mime_changed=no units_changed=no cupsd_found=stopped
    check_source
    if cupsd_answers; then cupsd_found=running; fi
    if [ -z "$destdir" ]; then install_packages; fi
    check_python
    # For --destdir the machine that builds needs no more than what it runs.
    case $venv$destdir in
        no) check_needs program module ;;
        yes) check_needs program venv ;;
        no?*) check_needs ppdc h11 cryptography ;;
        yes?*) check_needs ppdc venv ;;
    esac
    mkdir -p "$destdir$library"
    # Beside its final place, so that putting it there is a rename; leftovers of a killed run go first.
    exec 9<"$destdir$library"
    flock -n 9 || fail "Another install.sh is running; wait for it, then run this again."
    rm -rf "$destdir$library"/.stage.*
    stage=$(mktemp -d "$destdir$library/.stage.XXXXXX")
    trap 'rm -rf "$stage"; rmdir "$destdir$library" 2>/dev/null || true' EXIT
    trap 'exit 130' INT TERM HUP
    mkdir -p "$stage/code" "$stage/files"
    chmod 755 "$stage/code"
    stage_code
    choose_home
    if [ $venv = yes ] && [ ! -e "$destdir$home" ]; then stage_venv; fi
    check_code
    stage_files
    commit
    [ -z "$destdir" ] || return 0
    if [ $units_changed = yes ]; then read_units; fi
    # Kept for the next run, if cupsd is too busy in this one.
    if [ $mime_changed = yes ]; then remember mime unread; fi
    if cupsd_answers; then
        remember_once cupsd_was "$cupsd_found"
        if [ "$(recall mime)" = unread ]; then reload_cupsd; fi
    else
        start_cupsd
        remember mime read
    fi
    "$serverbin/backend/ipps443" | grep -q '^network ipps443 ' || fail "The backend is installed but does not run: $serverbin/backend/ipps443"
}

# cupsd copies a description when a queue is made: the queues that still have that of an older version.
name_old_queues() {
    local name ppd of
    while IFS= read -r name; do
        ppd=$serverroot/ppd/$name.ppd
        grep -qsE '^\*NickName:.*\(ipps443[),]' "$ppd" || continue
        of=$(sed -n 's/^\*ipps443Version: *"\(.*\)"$/\1/p' "$ppd")
        [ "$of" != "$(version)" ] || continue
        say "queue $name has the printer description of ${of:-0.1.0}. To bring it the new one, with its defaults:"
        say "  ipps443ctl refresh $(LC_ALL=C && printf %q "$name")"
    done < <(queues)
}

say_next() {
    say "ready. Pin a printer and make its queue: ipps443ctl add NAME HOST"
}

# --- uninstall ------------------------------------------------------------------------------------------------

queues() {  # our queues, from cupsd or, when it does not run, from its file
    if cupsd_answers; then
        lpstat -h "$(cups_socket)" -v 2>/dev/null | sed -n 's/^device for \([^ ]*\): ipps443:.*/\1/p'
    elif [ -f "$serverroot/printers.conf" ]; then
        awk '/^<(Default)?Printer /{ name = $2; sub(/>$/, "", name) } /^DeviceURI ipps443:/{ print name }' \
            "$serverroot/printers.conf"
    fi
}

remove_demo() {
    local stop_again=no printer pin
    if queues | grep -qx "$demo_queue"; then
        if ! cupsd_answers; then
            start_cupsd
            stop_again=yes
        fi
        cancel -h "$(cups_socket)" -a -x "$demo_queue" 2>/dev/null || true
        lpadmin -h "$(cups_socket)" -x "$demo_queue"
        # What cupsd forgets.
        rm -f "$cachedir/$demo_queue".* "$serverroot/ppd/$demo_queue".*
        say "removed the queue $demo_queue"
        if [ $stop_again = yes ]; then stop_cupsd; fi
    fi
    if [ -f "$record/demo/pin" ]; then
        read -r printer pin <"$record/demo/pin"
        ipps443ctl unpin "$printer" --fingerprint "$pin" >/dev/null || true
        ipps443ctl forget "$printer" >/dev/null || true
    fi
    rm -rf "$record/demo"
}

# Anything but the two headers, ours and that of ipps443ctl, is the administrator's; so is any file beside it.
has_pins() {
    grep -qsvx -e '[[:space:]]*' -e '# Pins of ipps443: .*' -e '# host:port  spki-sha256:.*' \
        -e '# Certificates that printers are known by.*' -e '# Written by ipps443ctl.*' "$pins/pins" ||
        [ -n "$(find "$pins" ! -type d ! -name pins ! -name secret ! -name '*.lock' ! -name '.pins*' 2>/dev/null)" ]
}

uninstall() {
    local left mime_was=no path
    left=$(queues | grep -vx "$demo_queue" || true)
    if [ -n "$left" ] && [ $force = no ]; then
        fail "These queues still use ipps443: ${left//$'\n'/ }. Remove them with lpadmin -x, or use --force."
    fi
    remove_demo
    trap '' INT TERM HUP
    if [ -f "$datadir/mime/ipps443.types" ]; then mime_was=yes; fi
    stop_timer
    # The backend goes first, so that cupsd starts no job with half of the code.
    if [ -f "$record/files" ]; then
        while IFS= read -r path; do rm -f "$path"; done < <(tac "$record/files")
    fi
    read_units
    rm -rf "$library" "$datadir/model/ipps443" "$documents" "$cachedir/ipps443"
    if [ $action = purge ] || ! has_pins; then rm -rf "$pins"; fi
    remove_log
    say "removed"
    [ ! -e "$pins" ] || say "kept the pins in $pins (--purge removes them)"
    leave_cupsd
    rm -rf "$record"
}

leave_cupsd() {  # as it was found, and say what is left to the administrator
    local added
    added=$(recall packages)
    if cupsd_answers; then
        if [ "$(recall cupsd_was)" = stopped ] && [ -z "$(lpstat -h "$(cups_socket)" -v 2>/dev/null)" ]; then
            say "stopping cupsd, which did not run before"
            stop_cupsd
        elif [ $mime_was = yes ]; then
            reload_cupsd
        fi
    fi
    [ -z "$added" ] || say "packages installed for it stay; to remove them: apt-get autoremove --purge$added"
}

python=${PYTHON:-/usr/bin/python3}
case $action in
    install)
        install_all
        if [ $demo = yes ]; then
            start_cupsd
            remove_demo
            interpreter=$python
            [ $venv = no ] || interpreter=$library/current/venv/bin/python
            (cd "$source" && exec "$interpreter" -m tests.demo "$demo_queue" "$record/demo" "$(cups_socket)")
        elif [ -z "$destdir" ]; then
            name_old_queues
            say_next
        fi
        ;;
    *) uninstall ;;
esac
