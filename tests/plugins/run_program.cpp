#include "plugins/run_program.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>

namespace rb::test {
namespace {

// Written by the program, read when it has ended: a file cannot fill up as a pipe does.
class MemoryFile {
public:
    MemoryFile() : file_(memfd_create("output", MFD_CLOEXEC)) {}
    ~MemoryFile() { close(file_); }
    MemoryFile(const MemoryFile&) = delete;
    MemoryFile& operator=(const MemoryFile&) = delete;

    [[nodiscard]] int descriptor() const { return file_; }
    [[nodiscard]] std::string content() const {
        std::string text;
        std::array<char, 4096> buffer{};
        lseek(file_, 0, SEEK_SET);
        for (ssize_t got = 0; (got = read(file_, buffer.data(), buffer.size())) > 0;) {
            text.append(buffer.data(), static_cast<std::size_t>(got));
        }
        return text;
    }

private:
    int file_;
};

}  // namespace

ProgramEnd run_program(std::vector<std::string> words) {
    const MemoryFile output;
    const MemoryFile errors;
    std::vector<char*> arguments;
    for (auto& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, output.descriptor(), STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions, errors.descriptor(), STDERR_FILENO);
    pid_t child = 0;
    const int spawned =
        posix_spawnp(&child, arguments[0], &actions, nullptr, arguments.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    if (spawned != 0) return {.errors = "cannot run " + words[0]};
    int status = 0;
    waitpid(child, &status, 0);
    return {.status = WIFEXITED(status) ? WEXITSTATUS(status) : -1,
            .output = output.content(),
            .errors = errors.content()};
}

}  // namespace rb::test
