#include "transport/grpc/timeout.hpp"

#include <charconv>
#include <cstdint>

namespace rb::transport::grpc {
namespace {

constexpr std::size_t digits_max = 8;

std::int64_t nanoseconds_of(char unit) {
    using namespace std::chrono_literals;
    switch (unit) {
        case 'H':
            return std::chrono::nanoseconds(1h).count();
        case 'M':
            return std::chrono::nanoseconds(1min).count();
        case 'S':
            return std::chrono::nanoseconds(1s).count();
        case 'm':
            return std::chrono::nanoseconds(1ms).count();
        case 'u':
            return std::chrono::nanoseconds(1us).count();
        case 'n':
            return 1;
        default:
            return 0;
    }
}

}  // namespace

Result<std::chrono::nanoseconds> parse_timeout(std::string_view text) {
    const auto wrong = [] {
        return invalid_field("grpc-timeout", "must be 1 to 8 digits and one of H M S m u n");
    };
    if (text.size() < 2 || text.size() > digits_max + 1) return wrong();
    const auto unit = nanoseconds_of(text.back());
    if (unit == 0) return wrong();
    std::uint32_t count = 0;
    const char* const end = text.data() + text.size() - 1;
    const auto [rest, error] = std::from_chars(text.data(), end, count);
    if (error != std::errc() || rest != end) return wrong();
    // 99 999 999 hours do not fit 64 bits of nanoseconds; a century is long enough for a call.
    constexpr std::int64_t ceiling = std::chrono::nanoseconds(std::chrono::hours(876'600)).count();
    if (count > ceiling / unit) return std::chrono::nanoseconds(ceiling);
    return std::chrono::nanoseconds(std::int64_t{count} * unit);
}

}  // namespace rb::transport::grpc
