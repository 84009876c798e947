// crossiter_measure FIGURES PROGRAM [ARGUMENT...]: runs the program and writes
// "MILLISECONDS KILOBYTES" (wall time, largest resident size) to the file FIGURES; leaves with the
// program's exit code, 200 + signal when a signal ended it. Small itself: what a process held
// before exec counts towards the figure.
#include <chrono>
#include <cstdio>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char** argv)
{
    if (argc < 3)
        return 99;
    const auto start = std::chrono::steady_clock::now();
    const pid_t child = fork();
    if (child == 0) {
        execv(argv[2], argv + 2);
        _exit(98);
    }
    int status = 0;
    struct rusage usage = {};
    if (child < 0 || wait4(child, &status, 0, &usage) != child)
        return 97;
    const auto spent = std::chrono::duration_cast<std::chrono::milliseconds>(
        std::chrono::steady_clock::now() - start);
    std::FILE* file = std::fopen(argv[1], "w");
    if (file == nullptr)
        return 96;
    std::fprintf(file, "%lld %ld\n", static_cast<long long>(spent.count()), usage.ru_maxrss);
    std::fclose(file);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 200 + WTERMSIG(status);
}
