# Shared by ./demo, ./test and scripts/with-cluster: set up what is missing, build, install, run a throw-away cluster.
#
# From the environment:
#   PG_VERSION         major version of PostgreSQL, 15 unless set
#   PG_CONFIG          pg_config of the PostgreSQL to use; unless set, Debian's for PG_VERSION
#   CARGO_TARGET_DIR   where everything that is built goes; ./target unless set
# shellcheck shell=bash

set -euo pipefail
umask 022

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
: "${PG_VERSION:=15}"
: "${PG_CONFIG:=/usr/lib/postgresql/$PG_VERSION/bin/pg_config}"
TARGET=$(realpath -m "${CARGO_TARGET_DIR:-$ROOT/target}")
export CARGO_TARGET_DIR=$TARGET
export PG_CONFIG
# pgrx reads this instead of ~/.pgrx/config.toml, so that no `cargo pgrx init` is needed and none is disturbed.
export PGRX_PG_CONFIG_PATH=$PG_CONFIG
# The tool that a cargo of this user installed, also when the shell's profile was not read.
export PATH=$TARGET/tools/bin:$PATH:${CARGO_HOME:-${HOME:-/root}/.cargo}/bin

APT_UPDATED=     # yes once the package lists are fresh
CLUSTER=         # directory of the running throw-away cluster
SERVER_USER=()   # command prefix that becomes the server's operating system user
SETTINGS=()      # further settings of the throw-away cluster: NAME=VALUE

step() { printf '==> %s\n' "$*" >&2; }
note() { printf '    %s\n' "$*" >&2; }
die() {
    printf 'error: %s\n' "$1" >&2
    shift
    [ $# -eq 0 ] || printf '       %s\n' "$@" >&2
    exit 1
}

# logged NAME COMMAND...: keeps what the command says in target/NAME.log and shows it if the command fails; on a terminal
# its progress (standard error) is seen at once.
logged() {
    local log=$TARGET/$1.log
    shift
    if [ -t 2 ]; then
        "$@" >"$log" || return
    else
        "$@" >"$log" 2>&1 || { tail -n 200 "$log" >&2; return 1; }
    fi
}

is_root() { [ "$(id -u)" -eq 0 ]; }

# as_root COMMAND...: run it as root, through sudo where that is needed.
as_root() {
    if is_root; then "$@"; else sudo "$@"; fi
}

can_be_root() {
    is_root && return
    command -v sudo >/dev/null || return
    sudo -n true 2>/dev/null || { : </dev/tty; } 2>/dev/null
}

# need_packages PACKAGE...: install those Debian packages that are not there.
need_packages() {
    local package missing=()
    command -v dpkg-query >/dev/null || { note "this is no Debian: what these packages hold must be there: $*"; return; }
    for package; do
        [ "$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || missing+=("$package")
    done
    [ ${#missing[@]} -eq 0 ] && return

    step "installing packages: ${missing[*]}"
    can_be_root ||
        die "installing packages needs root, and sudo is not there or wants a password without a terminal" \
            "run as root: apt-get install ${missing[*]}"
    # sudo drops the environment, and with it a proxy.
    local apt=(env DEBIAN_FRONTEND=noninteractive ${http_proxy:+"http_proxy=$http_proxy"}
        ${https_proxy:+"https_proxy=$https_proxy"} apt-get -qq -o DPkg::Lock::Timeout=300)
    mkdir -p "$TARGET"
    if [ -z "$APT_UPDATED" ]; then
        logged apt-update as_root "${apt[@]}" update || note "apt-get update failed; trying with the package lists that are there"
        APT_UPDATED=yes
    fi
    for package in "${missing[@]}"; do
        apt-cache show "$package" >/dev/null 2>&1 ||
            die "apt knows no package $package on $(. /etc/os-release && echo "$PRETTY_NAME")" \
                "either the network is down, or this is not Debian 12: take the PostgreSQL of your system" \
                "with PG_VERSION=16, 17 or 18, or add the repository https://wiki.postgresql.org/wiki/Apt"
    done
    logged apt-install as_root "${apt[@]}" install -y --no-install-recommends "${missing[@]}" ||
        die "apt-get could not install ${missing[*]}" "see its messages above; is the network there?"
}

need_postgres() {
    local packages=(gcc libc6-dev clang libclang-dev pkg-config libssl-dev make)
    case $PG_CONFIG in
        "/usr/lib/postgresql/$PG_VERSION/"*) packages+=("postgresql-$PG_VERSION" "postgresql-server-dev-$PG_VERSION") ;;
    esac
    need_packages "${packages[@]}"
    [ -x "$PG_CONFIG" ] || die "$PG_CONFIG is not there" "set PG_CONFIG to the pg_config of PostgreSQL 15 or newer"
    [ -f "$("$PG_CONFIG" --pgxs)" ] || die "PostgreSQL's development files are missing for $PG_CONFIG"
}

need_rust() {
    local want have
    command -v cargo >/dev/null ||
        die "Rust is missing" "get it with: curl --proto '=https' --tlsv1.2 -sSf https://sh.rustup.rs | sh"
    want=$(sed -n 's/^rust-version = "\(.*\)"/\1/p' "$ROOT/Cargo.toml")
    have=$(cargo --version | awk '{print $2}')
    [ "$(printf '%s\n' "$want" "$have" | sort -V | head -n 1)" = "$want" ] ||
        die "Rust $want or newer is needed, this is $have" "with rustup: rustup update stable"
}

# cargo-pgrx of the very version of the library. Another version that the user has for other work stays.
need_cargo_pgrx() {
    local want have into=()
    want=$(awk '/^name = "pgrx"$/ { getline; gsub(/[^0-9.]/, ""); print }' "$ROOT/Cargo.lock")
    have=$(cargo pgrx --version 2>/dev/null | awk '{print $2}') || true
    [ "$have" = "$want" ] && return
    step "installing cargo-pgrx $want (some minutes, once)"
    [ -z "$have" ] || into=(--root "$TARGET/tools")
    logged cargo-install cargo install --locked "${into[@]}" cargo-pgrx --version "$want" ||
        die "cargo could not install cargo-pgrx $want" "see its messages above; is the network there?"
}

# Builds the extension and installs it into the PostgreSQL of PG_CONFIG, copying only what differs.
install_extension() {
    local package=$TARGET/package file destination sudo
    step "building golden_record for $("$PG_CONFIG" --version)"
    rm -rf "$package"
    logged package cargo pgrx package --pg-config "$PG_CONFIG" --out-dir "$package" ||
        die "the build failed" "see the messages above"
    while IFS= read -r file; do
        destination=${file#"$package"}
        cmp -s "$file" "$destination" && continue
        sudo=()
        if [ ! -w "$(dirname "$destination")" ]; then
            can_be_root || die "$(dirname "$destination") is not yours to write to, and there is no sudo"
            sudo=(sudo)
        fi
        # `install` unlinks first: a server that has the old library mapped keeps it.
        "${sudo[@]}" install -m "$(stat -c %a "$file")" "$file" "$destination"
        note "installed $destination"
    done < <(find "$package" -type f)
}

setup() {
    need_rust
    need_postgres
    mkdir -p "$TARGET"
    need_cargo_pgrx
    install_extension
}

# Starts a cluster of its own in a new directory, reached through a socket in it alone, and exports PGHOST, PGPORT
# and PGUSER for it. It is stopped and removed when the shell ends, however it ends. No autovacuum unless SETTINGS say so:
# seals and the change feed wait for every open transaction, and tests show when they do not.
start_cluster() {
    local bin
    bin=$("$PG_CONFIG" --bindir)
    step "starting a throw-away cluster"
    if is_root; then
        # PostgreSQL refuses to run as root.
        id postgres >/dev/null 2>&1 || die "PostgreSQL does not run as root, and there is no user postgres to run it as"
        SERVER_USER=(runuser -u postgres --)
    fi
    trap stop_cluster EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM HUP
    CLUSTER=$(cd / && "${SERVER_USER[@]}" mktemp -d /tmp/golden_record.XXXXXX)
    logged initdb as_server "$bin/initdb" -D "$CLUSTER/data" -U postgres -A trust -E UTF8 --no-locale -N || die "initdb failed"
    as_server "$bin/pg_ctl" -D "$CLUSTER/data" -l "$CLUSTER/log" -w -s start -o "-k $CLUSTER -p 5432 \
        -c listen_addresses= -c fsync=off -c synchronous_commit=off -c full_page_writes=off -c max_wal_size=4GB \
        -c autovacuum=off -c log_min_error_statement=panic -c max_prepared_transactions=10 \
        ${SETTINGS[*]/#/-c }" ||
        { cat "$CLUSTER/log" >&2; die "the cluster did not start"; }
    export PGHOST=$CLUSTER PGPORT=5432 PGUSER=postgres PGDATABASE=postgres
    # Tests look into it for what must not be there.
    export GOLDEN_RECORD_LOG=$CLUSTER/log
    export PATH=$bin:$PATH
    unset PGPASSWORD PGSERVICE PGSERVICEFILE PGSSLMODE PGOPTIONS PGHOSTADDR
}

# Runs a command as the server's user, in a directory it may enter and without Rust's backtraces in error messages.
as_server() { (cd / && "${SERVER_USER[@]}" env -u RUST_BACKTRACE LC_ALL=C "$@"); }

stop_cluster() {
    [ -n "$CLUSTER" ] || return 0
    as_server "$("$PG_CONFIG" --bindir)/pg_ctl" -D "$CLUSTER/data" -m immediate -s stop >/dev/null 2>&1 || true
    rm -rf "$CLUSTER"
    CLUSTER=
}
