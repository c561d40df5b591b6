// libFuzzer target; see fuzz_cases.hpp for what it checks.

#include "rune/fuzz/fuzz_cases.hpp"

#include <cstddef>
#include <cstdint>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    rb::rune::fuzz::check_parser({reinterpret_cast<const char*>(data), size});
    return 0;
}
