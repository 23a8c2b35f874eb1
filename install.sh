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
                 environment, where the distribution has no python3-* packages
  --destdir DIR  put all files below DIR, and touch nothing else (for packagers)
  --uninstall    remove all but the pins, and the audit log if anything is in it
  --purge        remove those too
  --force        remove although queues still use ipps443
  --packages     list the packages needed on Debian and Ubuntu
  --help         this text
END
}

say() { echo "ipps443: $*"; }
fail() { echo "install.sh: $*" >&2; exit 1; }

resolve_destdir() {  # the folder as an absolute path; the real system is not one
    local folder
    [ -n "$1" ] || fail "--destdir needs a folder."
    folder=$(realpath -m -- "$1")
    [ "$folder" != / ] || fail "--destdir / is the system itself; leave --destdir out to install there."
    echo "$folder"
}

packages=(cups cups-client)
python_packages=(
    python3-cryptography python3-cups python3-fonttools python3-h11 python3-pypdf python3-reportlab
)
# The same for --venv; those after the bar only bring comfort, and may need a compiler.
index_packages=(h11 cryptography pypdf reportlab fonttools "|" pycups)

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

# --- places (spec: "Names and places") ----------------------------------------------------------------------

cups_config() { command -v cups-config >/dev/null && cups-config "$1" || echo "$2"; }
serverbin=$(cups_config --serverbin /usr/lib/cups)
datadir=$(cups_config --datadir /usr/share/cups)
serverroot=$(cups_config --serverroot /etc/cups)
cachedir=/var/cache/cups
library=/usr/lib/ipps443
pins=$serverroot/ipps443
audit=/var/log/ipps443
record=/var/lib/ipps443
demo_queue=ipps443-demo
filters=(texttopcl pdftopcl scstopcl)
manuals=/usr/share/man/man8

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
    local process end=$((SECONDS + 60))
    while lpstat -h "$(cups_socket)" -p 2>/dev/null | grep -q 'now printing'; do
        [ $SECONDS -lt $end ] || { say "jobs are printing: restart cupsd later, so that it reads the new MIME rules"; return; }
        sleep 1
    done
    process=$(cupsd_process) && [ "$process" -gt 1 ] || return 0
    say "letting cupsd read the changed MIME rules"
    kill -HUP "$process"
    sleep 1
    await_cupsd || fail "cupsd does not answer after reading its MIME rules; see /var/log/cups/error_log."
}

# --- packages -------------------------------------------------------------------------------------------------

is_installed() { dpkg-query -W -f '${db:Status-Status}\n' "$1" 2>/dev/null | grep -qx installed; }
has_cups() { [ -d "$serverbin/backend" ] && command -v cupsd lpadmin ppdc >/dev/null; }

install_packages() {
    local wanted=("${packages[@]}") missing=() package log
    if command -v apt-get >/dev/null && command -v dpkg-query >/dev/null; then
        if [ $venv = no ]; then wanted+=("${python_packages[@]}"); else wanted+=(python3-venv); fi
        for package in "${wanted[@]}"; do is_installed "$package" || missing+=("$package"); done
        [ ${#missing[@]} -gt 0 ] || return 0
        say "installing packages: ${missing[*]}"
        log=$(mktemp)
        if ! { apt-get -q update && apt-get -qy --no-install-recommends -o DPkg::Lock::Timeout=120 install "${missing[@]}"
             } >"$log" 2>&1 </dev/null; then
            tail -n 3 "$log" >&2
            rm -f "$log"
            has_cups || fail "CUPS is missing and cannot be installed (see above)."
            [ $venv = yes ] || fail "Packages cannot be installed (see above): ${missing[*]}. Without them, try --venv."
        fi
        rm -f "$log"
        # Its package may have started cupsd.
        remember_once cupsd_was "$cupsd_found"
        remember packages "$(recall packages) ${missing[*]}"
    fi
}

# --- install --------------------------------------------------------------------------------------------------

version() { sed -n 's/^__version__ = "\(.*\)"$/\1/p' "$source/backend/__init__.py"; }

check_source() {
    local path
    for path in backend/ipps443 backend/main.py filters/texttopcl ppd/{ipps443.drv,ipps443.types,languages}; do
        [ -f "$source/$path" ] || fail "$source/$path is missing: run this script in a complete copy of the sources."
    done
    [ -n "$(version)" ] || fail "No version in $source/backend/__init__.py."
}

check_python() {
    "$python" -I -c 'import sys; sys.exit(sys.version_info < (3, 10))' 2>/dev/null ||
        fail "$python is missing or older than Python 3.10."
}

stage_code() {  # the packages without launchers, tests and caches
    local package
    for package in backend filters; do
        (cd "$source" && find $package -name '*.py' -not -path '*/__pycache__/*' -print0) |
            (cd "$source" && xargs -0 -r cp --parents -t "$stage/code")
    done
    find "$stage/code" -type d -exec chmod 755 {} + -o -type f -exec chmod 644 {} +
    # -s and -p: tracebacks name the place where the files will be.
    "$python" -I -m compileall -q -s "$stage/code" -p $library/current "$stage/code" || fail "The Python code cannot be compiled."
}

stage_venv() {
    local package needed=yes
    say "installing Python packages from the Python index"
    "$python" -m venv "$stage/code/venv" || fail "No virtual environment can be made: install Python's venv module."
    for package in "${index_packages[@]}"; do
        if [ "$package" = "|" ]; then needed=no; continue; fi
        "$stage/code/venv/bin/python" -m pip install -q --no-input "$package" >"$stage/pip" 2>&1 && continue
        [ $needed = no ] || { tail -n 1 "$stage/pip" >&2; fail "$package cannot be installed from the Python index (see above)."; }
        say "going on without $package, which only comforts need"
    done
}

check_code() {
    local interpreter=$python
    if [ $venv = yes ]; then
        interpreter=$stage/code/venv/bin/python
        [ -x "$interpreter" ] || interpreter=$destdir$home/venv/bin/python
    fi
    "$interpreter" -I -c 'import sys; sys.path.insert(0, sys.argv[1]); import h11, cryptography, backend.main, filters.job' \
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
    [ $venv = no ] && "$python" -IS -c 'import sys; sys.path.append(sys.argv[1]); import h11, cryptography' \
        "$(sed -n 's/^PACKAGES = "\(.*\)"$/\1/p' "$1")" 2>/dev/null
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

checksum() { sha256sum <"$1" | cut -c1-64; }

stage_files() {
    local name
    for name in "${filters[@]}"; do stage_launcher "filters/$name" "$serverbin/filter/$name"; done
    stage_launcher backend/ipps443ctl /usr/sbin/ipps443ctl
    stage_file "$source/ppd/ipps443.types" "$datadir/mime/ipps443.types"
    for name in "$source"/docs/*.8; do stage_file "$name" "$manuals/${name##*/}"; done
    mkdir -p "$stage/files/etc/logrotate.d" "$stage/files$datadir/model/ipps443"
    logrotate=/etc/logrotate.d/ipps443
    cat >"$stage/files$logrotate" <<END
$audit/audit.log {
    monthly
    rotate 12
    missingok
    notifempty
    compress
    delaycompress
    su root adm
    create 0640 lp adm
}
END
    if [ -z "$destdir" ] && [ -e $logrotate ] && [ "$(checksum $logrotate)" != "$(recall logrotate)" ]; then
        say "left $logrotate as it was changed here"
        rm "$stage/files$logrotate"
    elif [ -z "$destdir" ]; then
        remember logrotate "$(checksum "$stage/files$logrotate")"
    fi
    # A language that this CUPS has no catalogue for is left out by ppdc, with a warning.
    ppdc -l "$(<"$source/ppd/languages")" -d "$stage/files$datadir/model/ipps443" "$source/ppd/ipps443.drv" \
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
        case $path in "$datadir"/mime/*) mime_changed=yes ;; esac
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

owned() {  # owned OWNER MODE PATH: --destdir without root leaves owners to the packager
    [ "$(id -u)" != 0 ] || chown "$1" "$3"
    chmod "$2" "$3"
}

put_cache() {  # lp may write in the folder around it, so root must neither follow a link there nor give anything away
    local folder=$destdir$cachedir/ipps443
    if [ -n "$destdir" ]; then
        mkdir -p "$folder"
        owned lp:lp 750 "$folder"
    elif [ ! -e "$folder" ] && [ ! -L "$folder" ]; then
        setpriv --reuid lp --regid lp --clear-groups mkdir -m 750 -- "$folder" 2>/dev/null ||
            { mkdir -m 750 -- "$folder" && chown -h lp:lp "$folder"; }
    fi
    [ -n "$destdir" ] || [ "$(stat -c '%F %U' -- "$folder")" = "directory lp" ] ||
        fail "$folder is no folder of lp; remove it, then run this again."
}

put_state() {  # folders and files that live on: pins, certificates, learned facts, audit log
    mkdir -p "$destdir$pins/clients" "$destdir$cachedir" "$destdir$audit"
    owned root:root 755 "$destdir$pins"
    owned root:lp 750 "$destdir$pins/clients"
    put_cache
    owned root:adm 755 "$destdir$audit"
    if [ ! -e "$destdir$audit/audit.log" ]; then
        : >"$stage/audit.log"
        owned lp:adm 640 "$stage/audit.log"
        mv "$stage/audit.log" "$destdir$audit/audit.log"
    fi
    if [ ! -e "$destdir$pins/pins" ]; then
        cat >"$stage/pins" <<'END'
# Pins of ipps443: the printers that may get jobs. One printer a line; ipps443ctl writes them:
# host:port  spki-sha256:...  [cert-sha256:...]  [label="..."]  [added=...]
END
        owned root:lp 640 "$stage/pins"
        mv "$stage/pins" "$destdir$pins/pins"
    fi
}

switch_version() {
    ln -sfn "${home##*/}" "$destdir$library/.current.new"
    mv -fT "$destdir$library/.current.new" "$destdir$library/current"
}

job_runs() {  # whether a program of ours runs, which may still read its version
    local command
    for command in /proc/[0-9]*/cmdline; do
        tr '\0' '\n' 2>/dev/null <"$command" | grep -qE "^$serverbin/(backend/ipps443|filter/(texttopcl|pdftopcl|scstopcl))$" && return 0
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
    trap - INT TERM HUP
    remove_old_versions
    if [ -z "$previous" ]; then say "installed version ${home##*/} in $destdir$library"
    elif [ "$previous" = "${home##*/}" ]; then say "version $previous was installed already and is complete"
    else say "upgraded from $previous to ${home##*/}"
    fi
}

install_all() {
    local mime_changed=no cupsd_found=stopped
    check_source
    if cupsd_answers; then cupsd_found=running; fi
    if [ -z "$destdir" ]; then install_packages; fi
    [ -n "$destdir" ] || has_cups || fail "CUPS is missing and cannot be installed here: install cups, then run this again."
    command -v ppdc >/dev/null || fail "ppdc is missing: install it (package cups-ppdc or cups), then run this again."
    check_python
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
    if cupsd_answers; then
        remember_once cupsd_was "$cupsd_found"
        if [ $mime_changed = yes ]; then reload_cupsd; fi
    else
        start_cupsd
    fi
    "$serverbin/backend/ipps443" | grep -q '^network ipps443 ' || fail "The backend is installed but does not run: $serverbin/backend/ipps443"
}

say_next() {
    say "ready. Pin a printer: ipps443ctl pin HOST; make a queue:"
    say "  lpadmin -p NAME -E -v ipps443://HOST/ipp/print -m ipps443/generic-pcl5e.ppd"
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
        [ -n "$(find "$pins" -type f ! -name pins ! -name '*.lock' ! -name '.pins*' 2>/dev/null)" ]
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
    # The backend goes first, so that cupsd starts no job with half of the code.
    if [ -f "$record/files" ]; then
        while IFS= read -r path; do rm -f "$path"; done < <(tac "$record/files")
    fi
    rm -rf "$library" "$datadir/model/ipps443" "$cachedir/ipps443"
    if [ $action = purge ] || ! has_pins; then rm -rf "$pins"; fi
    if [ $action = purge ] || [ ! -s "$audit/audit.log" ]; then rm -rf "$audit"; fi
    say "removed"
    [ ! -e "$audit" ] || say "kept the audit log in $audit (--purge removes it)"
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
            say_next
        fi
        ;;
    *) uninstall ;;
esac
