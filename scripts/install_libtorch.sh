#!/usr/bin/env bash
# Gets a libtorch into a versioned folder of the user's cache and builds gotorch's
# shim for it. --help says how to use it. The layout that it makes:
#
#   <cache>/libtorch-2.15.0-cpu/lib, include   libtorch
#                               libtorch.json  what it is and where it came from
#                               shim/          libcgotorch-<id>.so, a shim for each gotorch, and its .sha256
#                               stubs/         empty libraries, for those that lib has not
#                               torchvision/   torchvision's operators, if they were asked for, and version
#   <cache>/current                            the name of the folder that programs use
#
# Temporary folders are <cache>/.tmp-*; finished ones are put in place by a rename.
# It must run in bash 3.2, which macOS has. Functions that can fail are not called
# as conditions, where bash would ignore "set -e" inside them.
#
# shellcheck disable=SC2329 # functions called by a name in a variable
set -euo pipefail
export LC_ALL=C # the order of names, and the language of messages that are searched
umask go-w      # programs take no code from folders that others may write
shopt -s nullglob

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
default_version=2.15.0
oldest=1.13.1 newest=2.15 # what gotorch is tested with
version='' variant='' source='' platform='' cross='' libtorch=${LIBTORCH-} sha256='' python=python3
shim_src=$here/../cgotorch/shim cache='' shim_only='' print='' force='' aside='' verify=yes with=''

usage() {
  cat <<END
Usage: install_libtorch.sh [options]

Gets a libtorch into a versioned folder of the user's cache, builds gotorch's shim
for it, and makes it the one that programs use.

  --version V       libtorch's version (default $default_version)
  --cpu, --cuda     the variant; without either, CUDA if the machine has an NVIDIA driver
  --source S        where from: path, wheel, distro, python or auto (default):
                      path    a libtorch folder or zip (--libtorch or \$LIBTORCH)
                      wheel   PyPI's torch wheel, by pip, with pinned checksums
                      distro  the distribution's libtorch-dev, by apt if you are root
                      python  the torch package of an installed Python (--python)
                      auto    path if one is given, else wheel, else distro
  --libtorch PATH   a folder with lib/ and include/, or libtorch's official zip
  --sha256 HEX      the zip's checksum
  --python PY       the Python whose torch package --source python uses (default python3)
  --no-verify       take a version that has no pinned checksum, on the index's word
  --with torchvision  add the operators of torchvision's wheel, for torch/vision/ops
  --shim-src DIR    the shim's sources (default: cgotorch/shim beside scripts/)
  --shim-only       build the shim for a libtorch that is there (the one in use, unless
                    another is named); download nothing
  --platform P      another platform than this one, such as linux-aarch64 or macos-arm64: its
                    wheels, and a shim by the cross compiler in \$CXX; programs here do not use it
  --prefix DIR      the cache folder (default: \$GOTORCH_CACHE, else gotorch in the user's)
  --aside           do not make it the one that programs use, unless there is no other
  --force           install again what is there already
  --print           print the folder that these options install to, and exit
  --help            print this, and exit
END
}

told='' # whether an error was told

say() { printf '==> %s\n' "$*"; }
die() {
  printf 'install_libtorch: %s\n' "$1" >&2
  shift
  if (($#)); then printf '  %s\n' "$@" >&2; fi
  told=yes
  exit 1
}
have() { command -v "$1" >/dev/null 2>&1; }

while (($#)); do
  case $1 in
  --version | --source | --libtorch | --sha256 | --python | --platform | --shim-src | --prefix | --with | -with)
    if (($# < 2)) || [[ -z $2 ]]; then die "$1 needs a value; --help lists the options"; fi
    case $1 in
    --version) version=$2 ;;
    --source) source=$2 ;;
    --libtorch) libtorch=$2 ;;
    --sha256) sha256=$(printf '%s' "$2" | tr A-F a-f) ;;
    --python) python=$2 ;;
    --platform) platform=$2 ;;
    --shim-src) shim_src=$2 ;;
    --prefix) cache=$2 ;;
    --with | -with) with=$2 ;;
    esac
    shift
    ;;
  --cpu) variant=cpu ;;
  --cuda) variant=cuda ;;
  --no-verify) verify='' ;;
  --shim-only) shim_only=yes ;;
  --print) print=yes ;;
  --force) force=yes ;;
  --aside) aside=yes ;;
  --help | -h)
    usage
    exit
    ;;
  *) die "there is no option $1; --help lists them" ;;
  esac
  shift
done

[[ -z $with || $with == torchvision ]] || die "there is nothing called $with to install with libtorch: it is torchvision"
[[ -z $with || -z $shim_only ]] || die "--shim-only downloads nothing, and --with $with does"

# --- The machine ---

case $(uname -s) in
Linux) machine=linux-$(uname -m) ;;
Darwin) machine=macos-$(uname -m) ;;
*) die "$(uname -s) is not supported: gotorch runs on Linux and macOS" "on Windows, use the Linux subsystem (WSL)" ;;
esac
[[ $machine != linux-arm64 ]] || machine=linux-aarch64
platform=${platform:-$machine} extension=so
[[ $platform != macos-* ]] || extension=dylib
if [[ $platform != "$machine" ]]; then
  cross=yes
  [[ -n ${CXX-} || -n $print ]] || die "a shim for $platform takes a cross compiler: name one in \$CXX, such as aarch64-linux-gnu-g++"
fi

sha256_of() { if have sha256sum; then sha256sum "$@"; else shasum -a 256 "$@"; fi | cut -d' ' -f1; }

# driver says whether an NVIDIA driver runs here that CUDA 13 accepts, for which the wheels are.
driver() {
  local major=''
  [[ $platform == linux-* && -z $cross ]] || return 1
  if [[ -r /proc/driver/nvidia/version ]]; then
    major=$(sed -n 's/.*Kernel Module[^0-9]* \([0-9][0-9]*\)\..*/\1/p' /proc/driver/nvidia/version)
  elif have nvidia-smi && nvidia-smi -L >/dev/null 2>&1; then
    major=$(nvidia-smi --query-gpu=driver_version --format=csv,noheader 2>/dev/null | head -n 1 | cut -d. -f1)
  else
    return 1
  fi
  if [[ $major =~ ^[0-9]+$ ]] && ((major < 580)); then
    say "the NVIDIA driver ($major) is older than CUDA 13's 580: taking the CPU variant; --cuda takes the other" >&2
    return 1
  fi
}

cache=${cache:-${GOTORCH_CACHE-}} user_cache=''
if [[ -z $cache ]]; then
  advice="set it, or name a folder with --prefix or \$GOTORCH_CACHE"
  if [[ $machine != macos-* && -n ${XDG_CACHE_HOME-} ]]; then
    user_cache=$XDG_CACHE_HOME
    [[ $user_cache == /* ]] || die "\$XDG_CACHE_HOME is not an absolute path: $user_cache" "$advice"
  elif [[ -n ${HOME-} ]]; then
    user_cache=$HOME/.cache
    [[ $machine != macos-* ]] || user_cache=$HOME/Library/Caches
  else
    die "there is no cache folder, as \$HOME is not set" "$advice"
  fi
  cache=$user_cache/gotorch
fi
[[ $cache == /* ]] || cache=$PWD/$cache

[[ -d $shim_src ]] || die "the shim's sources are not in $shim_src" "--shim-src says where they are"
shim_src=$(cd "$shim_src" && pwd)
[[ -n $(echo "$shim_src"/*.cc) ]] || die "there is no .cc file in $shim_src" "--shim-src says where the shim's sources are"

# id_of FOLDER prints the id of the shim sources in it.
id_of() { (cd "$1" && printf '%s\n' *.cc *.h | sort | tr '\n' '\0' | xargs -0 cat) | sha256_of | cut -c1-16; }
shim_id=$(id_of "$shim_src")

# --- Locks, temporary folders, interruption ---

tmp='' lock_folder=''

cleanup() {
  local status=$? children
  trap "" HUP INT TERM
  children=$(jobs -p)
  # shellcheck disable=SC2086 # a list of numbers
  [[ -z $children ]] || kill $children 2>/dev/null || true
  # A compiler that was told to end may still write to its folder.
  [[ -z $tmp ]] || rm -rf "$tmp" 2>/dev/null || { sleep 0.5 && rm -rf "$tmp"; } || true
  [[ -z $lock_folder ]] || rm -rf "$lock_folder"
  if ((status != 0 && status < 128)) && [[ -z $told ]]; then
    echo "install_libtorch: a step failed, see above; nothing half-made was left; run it again when that is mended" >&2
  fi
}
trap cleanup EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

# run runs a long command so that a signal ends it at once, and without the lock.
run() {
  "$@" 9>&- &
  wait $!
}

# lock waits until no other install works in the cache, then clears what dead ones left.
lock() {
  local owner
  [[ -z $tmp ]] || return 0
  if ! mkdir -p "$cache" 2>/dev/null || [[ ! -w $cache ]]; then
    die "cannot write to $cache" "--prefix or \$GOTORCH_CACHE names another folder"
  fi
  check_owner
  if have flock; then
    exec 9>"$cache/.lock"
    if ! flock -n 9; then
      waiting
      flock 9 &
      wait $!
    fi
  else
    until mkdir "$cache/.lock.d" 2>/dev/null; do
      owner=$(cat "$cache/.lock.d/pid" 2>/dev/null || true)
      if [[ -n $owner ]] && ! kill -0 "$owner" 2>/dev/null; then
        rm -rf "$cache/.lock.d"
      else
        waiting
        sleep 1
      fi
    done
    lock_folder=$cache/.lock.d
    echo $$ >"$lock_folder/pid"
  fi
  rm -rf "$cache"/.tmp-*
  tmp=$cache/.tmp-$$
  mkdir "$tmp"
  export TMPDIR=$tmp # pip and the compiler write where the space was checked
}

# check_owner stops where programs would take no code from the cache: somebody else
# could have put it there.
check_owner() {
  local folder mode owner group advice="mend that, or name another folder with --prefix or \$GOTORCH_CACHE"
  for folder in ${user_cache:+"$user_cache"} "$cache"; do
    # shellcheck disable=SC2012 # the mode and the owner of one folder
    read -r mode owner group < <(ls -ldnL "$folder" | awk '{ print $1, $3, $4 }')
    [[ $owner == 0 || $owner == "$EUID" ]] || die "$folder belongs to user $owner" "$advice"
    [[ ${mode:8:1} != w ]] || die "everybody may write $folder" "$advice"
    [[ ${mode:5:1} != w || $group == 0 || $group == "$EUID" ]] || die "group $group may write $folder" "$advice"
  done
}

waited=''
waiting() {
  [[ -n $waited ]] || say "another install is at work in $cache: waiting for it"
  waited=yes
}

# need_space MEGABYTES WHAT stops when the cache's disk has less.
need_space() {
  local free
  free=$(df -Pk "$cache" | awk 'NR == 2 { print int($4 / 1024) }')
  ((free >= $1)) || die "the disk of $cache is too full: $2 needs $1 MB, and $free MB are free" \
    "free some space, or name a folder on another disk with --prefix or \$GOTORCH_CACHE"
}

# new_log FILE makes a log of empty lines, to be written over with <>: its space is
# there when the disk is full. last_lines LOG N prints the last ones of what was written.
new_log() { head -c 16384 /dev/zero | tr '\0' '\n' >"$1"; }
last_lines() { { grep -v -e '^WARNING' -e '^ *$' "$1" || true; } | tail -n "$2"; }

# full_disk LOG stops if a failed command's log says that the disk is full.
full_disk() {
  ! grep -qiE 'no space left|disk quota exceeded' "$1" || die "the disk of $cache became full" \
    "free some space and run this again, or name a folder on another disk with --prefix or \$GOTORCH_CACHE"
}

# --- What is installed ---

library=lib/libtorch_cpu.$extension
installed() { [[ -f $1/libtorch.json && -e $1/$library ]]; }
shim_of() { echo "$1/shim/libcgotorch-$shim_id.so"; }

# cuda_shim_of FOLDER prints the path of the library that is built of cuda.cc and nccl.cc.
cuda_shim_of() { echo "$1/shim/libcgotorch-$shim_id-cuda.so"; }

# whole_shim FOLDER says whether the shim in it is there, as it was built.
whole_shim() {
  local shim
  shim=$(shim_of "$1")
  [[ -f $shim && $(cat "$shim.sha256" 2>/dev/null) == "$(sha256_of "$shim")" ]]
}

# lacking FOLDER prints the libraries that libraries of operators are linked to, and
# that the libtorch in it has not: of CUDA's, and libtorch.so, which is empty itself.
lacking() {
  local name
  [[ $extension == so ]] || return 0 # macOS's has all
  for name in libtorch.so libc10_cuda.so libtorch_cuda.so; do
    [[ -e $1/lib/$name ]] || echo "$name"
  done
}

# complete FOLDER says whether the shim in it and the stubs are there.
complete() {
  local name
  whole_shim "$1" || return 1
  for name in $(lacking "$1"); do [[ -s $1/stubs/$name ]] || return 1; done
}

# on_disk FILE... waits until files and folders are on the disk. A sync that takes no
# names writes everything.
on_disk() { sync "$@" 2>/dev/null || sync; }

# read_current sets current to the name of the folder that programs use, or to nothing.
current=''
read_current() {
  local file=$cache/current
  [[ ! -d $file ]] || die "$file is a folder, and should be a file that names the installation in use" "remove it, and run this again"
  current=''
  if [[ -e $file || -L $file ]]; then
    current=$(cat "$file") || die "$file cannot be read, see above" "mend that or remove it, and run this again"
  fi
}

# finish FOLDER makes it the one that programs use.
finish() {
  local name=${1##*/}
  check_owner
  read_current
  if [[ -z $cross && $current != "$name" && (-z $aside || -z $current) ]]; then
    echo "$name" >"$cache/.current-$$"
    on_disk "$cache/.current-$$"
    mv -f "$cache/.current-$$" "$cache/current"
    on_disk "$cache"
  fi
  say "ready: $1"
  if [[ -n ${GOTORCH_LIBTORCH-} && -z $aside$cross && ! $GOTORCH_LIBTORCH -ef $1 ]]; then
    printf 'install_libtorch: warning: $GOTORCH_LIBTORCH names %s, which keeps programs from using this: unset it\n' \
      "$GOTORCH_LIBTORCH" >&2
  fi
}

# field FOLDER NAME prints a value of its manifest.
field() { sed -n "s/^ *\"$2\": *\"\{0,1\}\([^\",]*\)\"\{0,1\},\{0,1\}\$/\1/p" "$1/libtorch.json"; }

# header_version FOLDER prints the version that the headers in it give, or nothing.
header_version() {
  local file
  for file in torch/csrc/api/include/torch/version.h torch/headeronly/version.h; do
    [[ ! -f $1/include/$file ]] || awk '/define TORCH_VERSION_(MAJOR|MINOR|PATCH) / { v = v dot $3; dot = "."; n++ }
      END { if (n == 3) print v }' "$1/include/$file"
  done
}

# cxx11_abi FOLDER prints true if its libc10 uses the C++11 strings of libstdc++.
cxx11_abi() {
  if [[ $extension == so ]] && grep -aqF torchCheckFailEPKcS2_jRKSs "$1/lib/libc10.so"; then echo false; else echo true; fi
}

# before A B says whether version A is older than B.
before() {
  awk -v a="$1" -v b="$2" 'BEGIN { split(a, x, "."); split(b, y, ".")
    for (i = 1; i <= 3; i++) if (x[i] + 0 != y[i] + 0) exit !(x[i] + 0 < y[i] + 0); exit 1 }'
}

# not_found FILE prints the libraries that the loader does not find for it; libcuda is the driver's.
not_found() {
  [[ -z $cross ]] && have ldd || return 0 # it tells of this machine's libraries
  (unset LD_LIBRARY_PATH; ldd "$1" 2>/dev/null || true) | awk '/not found/ && $1 != "libcuda.so.1" { print $1 }' | sort -u
}

# put_in_place FOLDER SOURCE VARIANT checks and describes a finished folder, and renames it to $name.
put_in_place() {
  local missing='' cuda=false number
  [[ -e $1/$library ]] || die "$2 has no $library for $platform"
  [[ -d $1/include/ATen ]] || die "$2 has no headers (include/ATen)"
  if [[ $extension == so ]]; then
    missing=$(not_found "$1/$library")
    if [[ -e $1/lib/libtorch_cuda.so ]]; then
      cuda=true
      missing+=$(not_found "$1/lib/libtorch_cuda.so")
    fi
  fi
  [[ -z $missing ]] || die "$2 needs libraries that are not there:" "$missing"
  number=${name#libtorch-}
  cat >"$1/libtorch.json" <<END
{
  "version": "${number%%-*}",
  "variant": "$3",
  "source": "${2//[\"\\]/}",
  "platform": "$platform",
  "cxx11_abi": $(cxx11_abi "$1"),
  "cuda": $cuda
}
END
  [[ -L $1/lib ]] || run on_disk "$1"/lib/* "$1/lib"
  on_disk "$1/libtorch.json" "$1"
  [[ ! -e $cache/$name ]] || mv "$cache/$name" "$tmp/old"
  mv "$1" "$cache/$name"
  on_disk "$cache"
}

# --- Sources ---
# locate_X finds out, without the network, which folder source X installs to, and
# sets name. obtain_X makes that folder. Where a source cannot be used they set why.

name='' why=''

# by_root runs a command, if the user is root. It asks nobody to become root.
by_root() {
  ((EUID == 0)) && have "$1" || return 1
  say "running $*"
  new_log "$tmp/root.log"
  env DEBIAN_FRONTEND=noninteractive "$@" 9>&- 1<>"$tmp/root.log" 2>&1 && return
  full_disk "$tmp/root.log"
  return 1
}

locate_wheel() {
  local pinned
  [[ $wheel_version =~ ^[0-9]+\.[0-9]+\.[0-9]+$ ]] || die "\"$wheel_version\" is not a version such as $default_version"
  name=libtorch-$wheel_version-$wheel_variant${cross:+-$platform}
  if [[ $platform != linux-x86_64 && $platform != linux-aarch64 && $platform != macos-arm64 ]]; then
    why="PyPI has none for $platform"
  elif [[ $platform == macos-* && $wheel_variant == cuda ]]; then
    why="there is no CUDA on macOS"
  elif [[ -n $verify ]] && ! grep -q "^$wheel_version $platform " "$here/libtorch_pins.txt"; then
    pinned=$(awk -v p="$platform" '$2 == p && !seen[$1]++ { printf " %s", $1 }' "$here/libtorch_pins.txt")
    why="$wheel_version has no pinned checksums (these have:$pinned); --no-verify takes it on the index's word"
  fi
}

# find_pip sets pip to a command, if need be by making an environment that has it.
find_pip() {
  local command
  for command in python3 python ''; do
    if have "$command" && "$command" -c 'import sys; sys.exit(sys.version_info < (3, 7))' 2>/dev/null; then break; fi
  done
  pip=("$command" -m pip)
  if [[ -z $command ]]; then
    why="it takes Python 3.7 or newer with pip: apt-get install python3-pip"
  elif ! "${pip[@]}" --version >/dev/null 2>&1; then
    say "Python has no pip: making an environment that does"
    new_log "$tmp/venv.log"
    if run "$command" -m venv "$tmp/venv" 1<>"$tmp/venv.log" 2>&1; then
      pip=("$tmp/venv/bin/python" -m pip)
    else
      full_disk "$tmp/venv.log"
      if ! by_root apt-get install -y python3-pip || ! "${pip[@]}" --version >/dev/null 2>&1; then
        why="Python has no pip; run: sudo apt-get install python3-pip"
      fi
    fi
  fi
}

obtain_wheel() {
  local requirement digest file wheels=() pins=$here/libtorch_pins.txt size=1300 glibc
  if [[ $extension == so && -z $cross ]]; then
    glibc=$(getconf GNU_LIBC_VERSION 2>/dev/null | cut -d' ' -f2 || true)
    if [[ -z $glibc ]] || before "$glibc" 2.28; then
      why="it needs glibc 2.28 or newer, and this machine has ${glibc:-another C library}"
      return 0
    fi
  fi
  [[ $wheel_variant != cuda ]] || size=8000
  [[ $platform != macos-* ]] || size=700
  need_space "$size" "libtorch $wheel_version ($wheel_variant)"
  find_pip
  [[ -z $why ]] || return 0
  if [[ -z $verify ]]; then
    pins=$tmp/pins
    say "asking the index for the wheels of torch $wheel_version"
    new_log "$tmp/pip.log"
    run "${pip[0]}" "$here/pin_libtorch.py" "$wheel_version" "$platform" >"$pins" 2<>"$tmp/pip.log" || pip_failed
    [[ -z $why ]] || return 0
  fi
  while read -r requirement digest; do
    fetch "$requirement" "$digest"
    [[ -z $why ]] || return 0
    wheels+=("$file")
  done < <(awk -v v="$wheel_version" -v p="$platform" -v w="$wheel_variant" '$1 == v && $2 == p && ($3 == "cpu" || $3 == w) { print $4, $5 }' "$pins")
  say "unpacking what the $wheel_variant variant needs"
  new_log "$tmp/unpack.log"
  if ! run "${pip[0]}" "$here/unpack_wheels.py" "$wheel_variant" "$tmp/new" "${wheels[@]}" 2<>"$tmp/unpack.log"; then
    full_disk "$tmp/unpack.log"
    die "the wheels could not be unpacked:" "$(last_lines "$tmp/unpack.log" 3)"
  fi
  put_in_place "$tmp/new" "PyPI wheel torch==$wheel_version" "$wheel_variant"
  rm -rf "$cache/downloads"
}

# fetch REQUIREMENT DIGEST sets file to the wheel. Whole ones are kept until the install is done.
fetch() {
  local folder=$cache/downloads/$2 tag tags=() options=(--quiet)
  for file in "$folder"/*.whl; do
    [[ $(sha256_of "$file") != "$2" ]] || return 0
  done
  say "fetching $1"
  if [[ $platform == macos-* ]]; then
    for tag in 14 13 12 11; do tags+=(--platform "macosx_${tag}_0_arm64"); done
  else
    for tag in _2_{28..17} 2014 2010 1; do tags+=(--platform "manylinux${tag}_${platform#linux-}"); done
  fi
  [[ ! -t 1 ]] || options=(--progress-bar on)
  options+=(--disable-pip-version-check --no-cache-dir --no-deps --require-hashes --only-binary=:all:)
  options+=(--implementation cp --python-version 3.11 --abi cp311 --abi abi3 --abi none "${tags[@]}")
  rm -rf "$folder" "$tmp/wheel"
  echo "$1 --hash=sha256:$2" >"$tmp/requirement.txt"
  new_log "$tmp/pip.log"
  run "${pip[@]}" download "${options[@]}" --dest "$tmp/wheel" --requirement "$tmp/requirement.txt" 2<>"$tmp/pip.log" || pip_failed
  [[ -z $why ]] || return 0
  mkdir -p "$cache/downloads"
  mv "$tmp/wheel" "$folder"
  file=$(echo "$folder"/*.whl)
}

# pip_failed sets why from pip's log, or stops where another source is no way out.
pip_failed() {
  local log=$tmp/pip.log
  full_disk "$log"
  if grep -q 'DO NOT MATCH THE HASHES' "$log"; then
    die "a download has the wrong checksum, so nothing was installed:" \
      "$(grep -E 'Expected|Got' "$log" | sed 's/^ *//' | head -n 2)" \
      "run this again; if it stays so, the package index (pip config list) serves other files than PyPI"
  elif grep -qiE 'connection|name resolution|timed out|timeout|proxy|network is unreachable|SSLError|certificate' "$log"; then
    why="pip cannot reach the package index; check the network, and \"pip config list\" for a mirror or a proxy"
  elif grep -q 'from versions: none' "$log"; then
    why="pip finds no wheel; check the network, and \"pip config list\" for a mirror or a proxy that lacks it"
  else
    why="pip failed: $(last_lines "$log" 2 | tr '\n' ' ')"
  fi
}

# pinned_torchvision FOLDER PINS prints the requirement and the digest of torchvision's
# wheel for the libtorch in it.
pinned_torchvision() {
  awk -v v="$(field "$1" version)" -v p="$platform" '$1 == v && $2 == p && $3 == "torchvision" { print $4, $5 }' "$2"
}

# has_torchvision FOLDER says whether the operators that are pinned for it are there.
has_torchvision() {
  local pinned
  pinned=$(pinned_torchvision "$1" "$here/libtorch_pins.txt")
  [[ -n $pinned && -s $1/torchvision/_C_stable.so && $(cat "$1/torchvision/version" 2>/dev/null) == "${pinned%% *}" ]]
}

# at_hand FOLDER prints the names of the libraries that are open where the libtorch in it is.
at_hand() {
  (cd "$1" && printf '%s\n' lib/* stubs/*) | sed 's|.*/||'
  [[ -n $cross ]] || ! have ldd || ldd "$1/$library" 2>/dev/null | awk '/=>/ { print $1 }'
}

# add_torchvision FOLDER puts torchvision's operators into it, or stops.
add_torchvision() {
  local requirement digest file missing pins=$here/libtorch_pins.txt
  lock
  ! has_torchvision "$1" || return 0
  find_pip
  if [[ -z $why && -z $verify ]]; then
    pins=$tmp/pins
    new_log "$tmp/pip.log"
    run "${pip[0]}" "$here/pin_libtorch.py" "$(field "$1" version)" "$platform" >"$pins" 2<>"$tmp/pip.log" || pip_failed
  fi
  read -r requirement digest < <(pinned_torchvision "$1" "$pins") || true
  if [[ -z $why && -z $requirement ]]; then
    why="none is pinned for libtorch $(field "$1" version) on $platform (torchvision's operators are for libtorch 2.14 and newer)"
  fi
  if [[ -z $why ]]; then
    need_space 50 "torchvision"
    fetch "$requirement" "$digest"
  fi
  [[ -z $why ]] || die "libtorch is ready, and torchvision was not added: $why"
  rm -rf "$tmp/torchvision"
  new_log "$tmp/unpack.log"
  if ! run "${pip[0]}" "$here/unpack_wheels.py" torchvision "$tmp/torchvision" "$file" 2<>"$tmp/unpack.log"; then
    full_disk "$tmp/unpack.log"
    die "libtorch is ready, and torchvision's wheel could not be unpacked:" "$(last_lines "$tmp/unpack.log" 3)"
  fi
  missing=$(comm -23 <(not_found "$tmp/torchvision/_C_stable.so") <(at_hand "$1" | sort -u))
  [[ -z $missing ]] || die "libtorch is ready, and torchvision was not added: it needs libraries that are not there:" "$missing"
  echo "$requirement" >"$tmp/torchvision/version"
  on_disk "$tmp"/torchvision/* "$tmp/torchvision"
  rm -rf "$1/torchvision"
  mv "$tmp/torchvision" "$1/torchvision"
  on_disk "$1"
  rm -rf "$cache/downloads"
}

# distro_version prints libtorch-dev's version, installed or to be had, or nothing.
distro_version() {
  local found
  found=$(distro_installed)
  [[ -n $found ]] || found=$(apt-cache policy libtorch-dev 2>/dev/null | awk '$1 == "Candidate:" && $2 != "(none)" { print $2 }')
  echo "$found" | sed 's/^[0-9]*://; s/[^0-9.].*//'
}
distro_installed() { { dpkg-query -W -f='${db:Status-Status} ${Version}\n' libtorch-dev 2>/dev/null || true; } | sed -n 's/^installed //p'; }

locate_distro() {
  local found
  if [[ -n $cross ]]; then
    why="it is for $machine"
    return 0
  elif ! have apt-get || ! have dpkg-query; then
    why="only Debian's and Ubuntu's libtorch-dev can be used, and there is no apt here"
    return 0
  fi
  found=$(distro_version)
  name=libtorch-$found-debian
  if [[ $variant == cuda ]]; then
    why="it has no CUDA"
  elif [[ -n $version && -n $found && $found != "$version" ]]; then
    why="it is $found, not $version"
  fi
}

obtain_distro() {
  local file
  if [[ -z $(distro_installed) ]]; then
    if [[ -z $(distro_version) ]]; then by_root apt-get update || true; fi
    if ! by_root apt-get install -y libtorch-dev; then
      why="it is not installed; run: sudo apt-get update && sudo apt-get install libtorch-dev"
      return 0
    fi
    locate_distro
    [[ -z $why ]] || return 0
  fi
  file=$(dpkg -L libtorch-dev | grep '/libtorch_cpu\.so$')
  mkdir -p "$tmp/new/lib" "$tmp/new/include"
  for file in "${file%/*}"/lib{torch,torch_cpu,c10}.so; do ln -s "$file" "$tmp/new/lib/"; done
  for file in /usr/include/{ATen,c10,caffe2,torch}; do ln -s "$file" "$tmp/new/include/"; done
  put_in_place "$tmp/new" "the distribution's libtorch-dev" debian
}

# custom KEY VERSION sets name for an installation of somebody else's libtorch.
custom() { name=libtorch-$2-custom-$(printf '%s' "$1 $2" | sha256_of | cut -c1-8); }

# adopt makes an installation of links to the libtorch in $libtorch, which stays where it is.
adopt() {
  mkdir "$tmp/new"
  ln -s "$libtorch/lib" "$libtorch/include" "$tmp/new/"
  put_in_place "$tmp/new" "$libtorch" "custom-${name##*-}"
}

# locate_folder sets name for the libtorch in the folder $libtorch.
locate_folder() {
  local found
  found=$(header_version "$libtorch")
  if [[ ! -e $libtorch/$library ]]; then
    why="$libtorch has no $library"
  elif [[ -z $found ]]; then
    why="$libtorch has no headers that tell its version"
  else
    custom "$libtorch" "$found"
  fi
}

locate_path() {
  local found
  if [[ -z $libtorch ]]; then
    why="no folder or zip was given (--libtorch or \$LIBTORCH)"
  elif [[ -d $libtorch ]]; then
    libtorch=$(cd "$libtorch" && pwd -P)
    [[ -e $libtorch/$library || ! -e $libtorch/libtorch/$library ]] || libtorch=$libtorch/libtorch
    locate_folder
  elif [[ -f $libtorch ]]; then
    libtorch=$(cd "$(dirname "$libtorch")" && pwd -P)/${libtorch##*/}
    found=$({ zip_member libtorch/build-version 2>/dev/null || true; } | sed 's/[^0-9.].*//' | head -n 1)
    # shellcheck disable=SC2012 # the size and the time of one file
    custom "$libtorch ${sha256:-$(ls -ln "$libtorch" | awk '{ print $5, $6, $7, $8 }')}" "$found"
    [[ -n $found ]] || why="$libtorch is not a whole libtorch zip: it has no libtorch/build-version"
  else
    why="$libtorch is not there"
  fi
}

zip_member() {
  if have python3; then
    python3 -c 'import sys, zipfile; print(zipfile.ZipFile(sys.argv[1]).read(sys.argv[2]).decode())' "$libtorch" "$1"
  else
    unzip -p "$libtorch" "$1"
  fi
}

obtain_path() {
  local found unzip=(unzip -q "$libtorch" -d "$tmp/zip")
  if [[ -d $libtorch ]]; then
    adopt
    return
  fi
  if [[ -n $sha256 ]]; then
    found=$(sha256_of "$libtorch")
    [[ $found == "$sha256" ]] ||
      die "$libtorch has the wrong checksum, so nothing was installed:" "Expected $sha256" "Got      $found" "download it again"
  fi
  need_space $(($(wc -c <"$libtorch") / 250000)) "unpacking $libtorch"
  say "unpacking $libtorch"
  new_log "$tmp/unzip.log"
  if have python3; then
    unzip=(python3 "$here/unpack_wheels.py" whole "$tmp/zip" "$libtorch")
  else
    found=$({ unzip -Z1 "$libtorch" | grep -E '^[/\\]|(^|[/\\])\.\.([/\\]|$)'; unzip -Z "$libtorch" | grep '^[bclps]'; } | head -n 3 || true)
    [[ -z $found ]] || die "$libtorch has members that lead out of its folder, or are no files:" "$found"
  fi
  if ! run "${unzip[@]}" 1<>"$tmp/unzip.log" 2>&1; then
    full_disk "$tmp/unzip.log"
    die "$libtorch could not be unpacked; download it again:" "$(last_lines "$tmp/unzip.log" 3)"
  fi
  put_in_place "$tmp/zip/libtorch" "$libtorch" "custom-${name##*-}"
}

locate_python() {
  libtorch=''
  if [[ -z $cross ]] && have "$python"; then
    libtorch=$("$python" -c 'import importlib.util, os
spec = importlib.util.find_spec("torch")
print(os.path.realpath(spec.submodule_search_locations[0]) if spec else "")' 2>/dev/null || true)
  fi
  if [[ -n $libtorch ]]; then locate_folder; else why="there is no torch package for $python${cross:+ on $platform}; --python names another Python"; fi
}

obtain_python() { adopt; }

# --- The shim ---

cxx=${CXX-}

# find_compiler sets cxx, or stops.
find_compiler() {
  local candidate advice="install one: apt-get install g++ (Debian, Ubuntu), dnf install gcc-c++ (Fedora)"
  [[ $platform != macos-* ]] || advice="install one: xcode-select --install"
  for candidate in g++ clang++ c++; do
    if [[ -z $cxx ]] && have $candidate; then cxx=$candidate; fi
  done
  have "${cxx%% *}" || die "there is no C++ compiler${cxx:+ named $cxx}, and the shim is built with one" "$advice" "or name yours in \$CXX"
  # shellcheck disable=SC2086 # $CXX may hold options
  if ! printf '#include <concepts>\n#include <string>\nstatic_assert(std::integral<int>);\n' |
    $cxx -std=c++20 -c -x c++ - -o "$tmp/probe.o" >"$tmp/probe.log" 2>&1; then
    full_disk "$tmp/probe.log"
    die "the C++ compiler cannot build C++20: $($cxx --version 2>/dev/null | head -n 1)" \
      "it says: $(head -n 1 "$tmp/probe.log")" "it takes g++ 10, clang++ 12 or newer; $advice" "or name another in \$CXX"
  fi
}

# compile_halves FLAG... compiles the two halves of the shim.
compile_halves() {
  local other failed=''
  # shellcheck disable=SC2086 # $CXX may hold options
  $cxx -c "$@" "$tmp/programs.cc" -o "$tmp/programs.o" 9>&- &
  other=$!
  # shellcheck disable=SC2086
  run $cxx -c "$@" "$tmp/core.cc" -o "$tmp/core.o" || failed=yes
  wait $other || failed=yes
  [[ -z $failed ]]
}

# build_shim FOLDER builds the shim for the libtorch in it.
build_shim() {
  local abi=1 source half flags rpath objects=$tmp/shim
  [[ $(field "$1" cxx11_abi) == true ]] || abi=0
  need_space 100 "building the shim"
  # shellcheck disable=SC2086 # $CXX may hold options
  say "building the shim with $($cxx --version | head -n 1)"
  mkdir -p "$objects" "$1/shim"
  cp "$shim_src"/*.cc "$shim_src"/*.h "$objects" # they may be edited meanwhile
  # Headers that libtorch's include and its packages lack.
  mkdir -p "$objects/absent/nlohmann" "$objects/absent/gloo/"{common,rendezvous,transport}
  cp "$objects/json.h" "$objects/absent/nlohmann/json.hpp"
  for source in algorithm common/error context rendezvous/store transport/device; do
    cp "$objects/gloo.h" "$objects/absent/gloo/$source.h"
  done
  shim_id=$(id_of "$objects")
  # libtorch's headers take most of the time: they are read once for each of two halves,
  # which are compiled at the same time.
  touch "$tmp/core.cc" "$tmp/programs.cc"
  for source in "$objects"/*.cc; do
    [[ ${source##*/} != cuda.cc && ${source##*/} != nccl.cc ]] || continue # build_cuda_shim's
    half=core
    ! grep -Eq 'include (<torch/csrc/(jit|distributed|inductor)|"c10d.h")' "$source" || half=programs
    echo "#include \"${source##*/}\"" >>"$tmp/$half.cc"
  done
  # NDEBUG, as libtorch is built: its headers then do not ask what only its debug builds know.
  flags=(-std=c++20 -O2 -DNDEBUG -fPIC -fvisibility=hidden "-DCTORCH_SHIM_ID=\"$shim_id\"" "-D_GLIBCXX_USE_CXX11_ABI=$abi"
    "-I$objects" "-I$1/include" "-I$1/include/torch/csrc/api/include" -idirafter "$objects/absent")
  # shellcheck disable=SC2016 # the loader reads $ORIGIN
  rpath='$ORIGIN/../lib'
  [[ $extension == so ]] || rpath=@loader_path/../lib
  new_log "$tmp/shim.log"
  # shellcheck disable=SC2086
  if ! compile_halves "${flags[@]}" 1<>"$tmp/shim.log" 2>&1 ||
    ! run $cxx -shared "$tmp/core.o" "$tmp/programs.o" "$1/$library" "$1/lib/libc10.$extension" "-Wl,-rpath,$rpath" \
      -o "$objects/shim.so" 1<>"$tmp/shim.log" 2>&1; then
    full_disk "$tmp/shim.log"
    ! grep -q 'Killed signal' "$tmp/shim.log" ||
      die "the compiler ran out of memory" "it takes 3 GB; close other programs and run this again"
    grep -m 10 -E 'error|undefined reference' "$tmp/shim.log" >&2 || last_lines "$tmp/shim.log" 10 >&2
    die "the shim could not be built for libtorch $(field "$1" version)" \
      "gotorch is tested with libtorch $oldest to $newest; if this one is among them, report the errors above"
  fi
  sha256_of "$objects/shim.so" >"$objects/shim.so.sha256"
  on_disk "$objects/shim.so" "$objects/shim.so.sha256"
  mv -f "$objects/shim.so.sha256" "$(shim_of "$1").sha256"
  mv -f "$objects/shim.so" "$(shim_of "$1")"
  on_disk "$1/shim"
  [[ ! -e $1/lib/libtorch_cuda.so ]] || build_cuda_shim "$1" "${flags[@]}"
}

# cuda_headers FOLDER prints the folders of CUDA's and NCCL's headers: beside libtorch's own,
# where NVIDIA's wheels and Triton's have them, and in a CUDA toolkit.
cuda_headers() {
  local folder site
  site=$(cd "$1/lib" && cd -P .. && pwd)/..
  for folder in "${CUDA_HOME-}/include" "$1/include" "$site"/nvidia/cu*/include "$site"/nvidia/cuda_runtime/include \
    /usr/local/cuda/include "$site"/triton/backends/nvidia/include; do
    [[ ! -e $folder/cuda_runtime_api.h ]] || echo "$folder"
  done
  for folder in "$site"/nvidia/nccl/include /usr/include; do
    [[ ! -e $folder/nccl.h ]] || echo "$folder"
  done
}

# build_cuda_shim FOLDER FLAG... builds the library of what takes CUDA's headers. Without it
# all else works, so that it fails is no error.
build_cuda_shim() {
  local folder=$1 include includes=() runtime nccl built=$tmp/cuda.so
  shift
  for include in $(cuda_headers "$folder"); do includes+=(-idirafter "$include"); done
  runtime=$(ldd "$folder/lib/libtorch_cuda.so" 2>/dev/null | awk '$1 ~ /^libcudart/ && $3 ~ /^\// { print $3; exit }')
  [[ -n $runtime ]] || runtime=$(echo "$folder"/lib/libcudart.so.*)
  say "building the library for CUDA's own functions"
  new_log "$tmp/shim.log"
  # Without NCCL's headers, or those that they take, the rest is built.
  for nccl in "$tmp/shim/nccl.cc" ''; do
    ((${#includes[@]} > 0)) || break
    # shellcheck disable=SC2086,SC2016 # $CXX may hold options, and the loader reads $ORIGIN
    if run $cxx -shared "$@" "${includes[@]}" "$tmp/shim/cuda.cc" ${nccl:+"$nccl"} \
      "$folder/lib/libtorch_cuda.so" "$folder/lib/libc10_cuda.so" "$folder/lib/libtorch_cpu.so" "$folder/lib/libc10.so" ${runtime:+"$runtime"} \
      '-Wl,-rpath,$ORIGIN/../lib' -o "$built" 1<>"$tmp/shim.log" 2>&1; then
      mv -f "$built" "$(cuda_shim_of "$folder")"
      [[ -n $nccl ]] || say "note: process groups will not have NCCL, whose headers could not be used"
      return 0
    fi
    grep -m 3 -E 'error|undefined reference' "$tmp/shim.log" >&2 || true
  done
  say "note: cuda's DeviceProperties, MemorySnapshot, memory fractions and ranges for profilers will be missing: they take CUDA's headers (set \$CUDA_HOME) and could not be built"
}

# build_stubs FOLDER makes empty libraries for those that the libtorch in it has not.
# The libraries of operators that are linked to them load with these.
build_stubs() {
  local name
  for name in $(lacking "$1"); do
    [[ -n $force || ! -s $1/stubs/$name ]] || continue
    mkdir -p "$1/stubs"
    # shellcheck disable=SC2086 # $CXX may hold options
    run $cxx -shared -fPIC -nostdlib -x c++ /dev/null "-Wl,-soname,$name" -o "$tmp/$name"
    on_disk "$tmp/$name"
    mv -f "$tmp/$name" "$1/stubs/$name"
    on_disk "$1/stubs"
  done
}

# --- Now ---

sources=("$source")
case $source in
auto | '')
  sources=(wheel distro)
  [[ -z $libtorch ]] || sources=(path)
  ;;
path | wheel | distro | python) ;;
*) die "there is no source $source: it is path, wheel, distro, python or auto" ;;
esac
[[ -z $sha256 || ${sources[0]} == path ]] || die "--sha256 is for a zip (--libtorch)"
read_current
if [[ -n $shim_only && -z $source$version$variant$libtorch$cross ]]; then
  [[ -n $current ]] || die "no libtorch is installed in $cache" "run this without --shim-only"
  sources=(current)
fi
wheel_version=${version:-$default_version} wheel_variant=${variant:-cpu}
if [[ -z $variant && ${sources[0]} == wheel ]] && driver; then wheel_variant=cuda; fi

locate_current() { name=$current; }

describe() {
  case $1 in
  path) echo "$libtorch" ;;
  wheel) echo "PyPI's wheel" ;;
  distro) echo "the distribution's libtorch-dev" ;;
  python) echo "$python's torch package" ;;
  current) echo "the libtorch in use" ;;
  esac
}

# try SOURCE installs from it and exits, or sets why.
try() {
  local folder note=''
  why='' name=''
  "locate_$1"
  [[ -z $why ]] || return 0
  folder=$cache/$name
  if [[ -n $print ]]; then
    echo "$folder"
    exit
  fi
  if [[ -n $shim_only ]] && ! installed "$folder"; then
    why="$folder is not installed"
    return 0
  fi
  # What is installed again keeps what it was installed with.
  [[ -n $shim_only || ! -e $folder/torchvision ]] || with=torchvision
  if [[ -z $force ]] && installed "$folder" && complete "$folder"; then
    conclude "$folder"
  fi
  lock
  # It may have been made meanwhile.
  if [[ -n $force ]] || ! complete "$folder"; then
    [[ -n $force || ! -e $(shim_of "$folder") ]] || whole_shim "$folder" || say "the shim is not as it was built: it is built again"
    find_compiler
  fi
  if ! installed "$folder" || [[ -n $force && -z $shim_only ]]; then
    say "installing libtorch from $(describe "$1")"
    "obtain_$1"
    [[ -z $why ]] || return 0
    folder=$cache/$name
  fi
  if [[ -n $force ]] || ! whole_shim "$folder"; then build_shim "$folder"; fi
  build_stubs "$folder"
  note=$(field "$folder" version)
  if before "$note" "$oldest" || before "$newest.9999" "$note"; then
    say "note: gotorch is tested with libtorch $oldest to $newest, not with $note"
  fi
  conclude "$folder"
}

# conclude FOLDER makes it the one that programs use, adds what it is to come with, and
# exits.
conclude() {
  finish "$1"
  if [[ -n $with ]]; then
    has_torchvision "$1" || add_torchvision "$1"
    say "with: $(cat "$1/torchvision/version")"
  fi
  exit
}

for source in "${sources[@]}"; do
  try "$source"
  say "not from $(describe "$source"): $why" >&2
done
die "no libtorch was installed" "--libtorch takes a folder or a zip of your own; --help lists the options"
