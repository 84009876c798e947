# Sourced by scripts/explore and scripts/test: configure and build within the machine's memory.
# shellcheck shell=bash

say() { echo "${0##*/}: $*" >&2; }

# by_memory GIGABYTES: how many such jobs fit into the free memory; 1 to the number of cores.
by_memory() {
    local cores free limit jobs
    cores=$(nproc)
    free=$(awk '/^MemAvailable:/ { print int($2 / 1024) }' /proc/meminfo)
    limit=$(cat /sys/fs/cgroup/memory.max 2>/dev/null || true)
    if [[ $limit =~ ^[0-9]+$ ]] && ((limit / 1048576 < free)); then
        free=$((limit / 1048576))
    fi
    jobs=$((free / ($1 * 1024)))
    ((jobs < 1)) && jobs=1
    ((jobs > cores)) && jobs=$cores
    echo "$jobs"
}

# build PRESET [TARGET...]: configures when there is no build yet, then builds.
build() {
    local preset=$1 folder=$root/build/$1 jobs target arguments=()
    shift
    for target in "$@"; do arguments+=(--target "$target"); done
    local fresh=()
    if [[ -f $folder/CMakeCache.txt ]]; then
        # Another LibTorch, or a checkout that was moved: what CMake remembers is of no use.
        local torch=${LibTorch_ROOT:-$root/.deps/libtorch}
        grep -qF "LibTorch_INCLUDE_DIR:PATH=$torch/" "$folder/CMakeCache.txt" &&
            grep -qxF "CMAKE_HOME_DIRECTORY:INTERNAL=$root" "$folder/CMakeCache.txt" ||
            fresh=(--fresh)
    fi
    if [[ ! -f $folder/build.ninja || ${#fresh[@]} -gt 0 ]]; then
        say "configuring (preset $preset)"
        (cd "$root" && cmake --preset "$preset" "${fresh[@]}") >&2 || {
            say "configuring failed: CMake's words stand above. scripts/setup --verify checks what it needs;"
            say "rm -r build/$preset makes it forget earlier settings."
            return 1
        }
    fi
    jobs=$(by_memory 3) # a file that includes LibTorch takes up to 2.5 GB to compile
    say "building${1:+ $*} (preset $preset, $jobs at a time)"
    (cd "$root" && cmake --build --preset "$preset" -j "$jobs" "${arguments[@]}") >&2 || {
        say "the build failed: the compiler's words stand above"
        return 1
    }
}
