// Stands in for libFuzzer where it is not: runs a fuzz target over the files of a folder, each
// whole and cut off at every length, for a message that ends early is the commonest broken one.
//
//   x_fuzz_corpus FOLDER      exit code 0: the target kept its promises; it ends the process if not

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

// Of a longer input only so many beginnings are tried, evenly spread.
constexpr std::size_t cuts_max = 400;

void run(const std::string& input, std::size_t size) {
    // A copy of its own, so that a sanitizer sees a read behind the end.
    const std::string bytes = input.substr(0, size);
    static_cast<void>(
        LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()));
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 2) {
        std::cerr << "usage: x_fuzz_corpus FOLDER\n";
        return 2;
    }
    std::size_t inputs = 0;
    for (const auto& entry : std::filesystem::directory_iterator(argv[1])) {
        std::ifstream file(entry.path(), std::ios::binary);
        const std::string input{std::istreambuf_iterator<char>(file), {}};
        const std::size_t step = input.size() / cuts_max + 1;
        for (std::size_t size = 0; size < input.size(); size += step) run(input, size);
        run(input, input.size());
        ++inputs;
    }
    std::cout << inputs << " inputs\n";
    return inputs > 0 ? 0 : 1;
}
