#include "rune/modules/duration.hpp"

#include <cmath>
#include <string>

namespace rb::rune {
namespace {

constexpr std::uint32_t microsecond = 1'000;
constexpr std::uint32_t millisecond = 1'000'000;

Duration sum(const Duration& left, const Duration& right) {
    Duration total;
    std::uint32_t nanoseconds = left.nanoseconds + right.nanoseconds;
    const std::uint64_t carry = nanoseconds / Duration::per_second;
    total.nanoseconds = nanoseconds % Duration::per_second;
    if (__builtin_add_overflow(left.seconds, right.seconds, &total.seconds) ||
        __builtin_add_overflow(total.seconds, carry, &total.seconds)) {
        panic("overflow when adding durations");
    }
    return total;
}

Duration from_seconds(double seconds) {
    // 2^64: the first value that does not fit.
    if (!(seconds >= 0.0) || seconds >= 18446744073709551616.0) {
        panic("can not convert float seconds to Duration: value is negative, NaN or too large");
    }
    const double whole = std::floor(seconds);
    const double rest = std::round((seconds - whole) * Duration::per_second);
    return sum({static_cast<std::uint64_t>(whole), 0},
               Duration::from_nanoseconds(static_cast<std::uint64_t>(rest)));
}

std::string text_of(const Duration& duration) {
    // `rest` of `unit`, as decimal digits without trailing zeros.
    const auto with_fraction = [](std::uint64_t count, std::uint32_t rest, std::uint32_t unit) {
        std::string text = std::to_string(count);
        if (rest == 0) return text;
        std::string digits = std::to_string(unit + rest).substr(1);
        digits.erase(digits.find_last_not_of('0') + 1);
        return text + "." + digits;
    };
    const std::uint32_t nanoseconds = duration.nanoseconds;
    if (duration.seconds > 0) {
        return with_fraction(duration.seconds, nanoseconds, Duration::per_second) + "s";
    }
    if (nanoseconds >= millisecond) {
        return with_fraction(nanoseconds / millisecond, nanoseconds % millisecond, millisecond) +
               "ms";
    }
    if (nanoseconds >= microsecond) {
        return with_fraction(nanoseconds / microsecond, nanoseconds % microsecond, microsecond) +
               "µs";
    }
    return std::to_string(nanoseconds) + "ns";
}

void declare_makers(AnyTypeBuilder type) {
    type.function("from_secs",
                  [](std::uint64_t count) {
                      return Duration{count, 0};
                  })
        .function("from_millis",
                  [](std::uint64_t count) {
                      return Duration{count / 1000,
                                      static_cast<std::uint32_t>(count % 1000) * millisecond};
                  })
        .function("from_micros",
                  [](std::uint64_t count) {
                      return Duration{count / 1'000'000,
                                      static_cast<std::uint32_t>(count % 1'000'000) * microsecond};
                  })
        .function("from_nanos",
                  [](std::uint64_t count) { return Duration::from_nanoseconds(count); })
        .function("new",
                  [](std::uint64_t seconds, std::uint32_t nanoseconds) {
                      return sum({seconds, 0}, Duration::from_nanoseconds(nanoseconds));
                  })
        .function("from_secs_f64", [](double seconds) { return from_seconds(seconds); });
}

void declare_readers(AnyTypeBuilder type) {
    type.method("as_secs", [](Duration& d) { return d.seconds; })
        .method("as_millis", [](Duration& d) { return d.in(millisecond); })
        .method("as_micros", [](Duration& d) { return d.in(microsecond); })
        .method("as_nanos", [](Duration& d) { return d.in(1); })
        .method("subsec_millis", [](Duration& d) { return d.nanoseconds / millisecond; })
        .method("subsec_micros", [](Duration& d) { return d.nanoseconds / microsecond; })
        .method("subsec_nanos", [](Duration& d) { return d.nanoseconds; })
        .method("as_secs_f64",
                [](Duration& d) {
                    return static_cast<double>(d.seconds) +
                           static_cast<double>(d.nanoseconds) / Duration::per_second;
                })
        .method("is_zero", [](Duration& d) { return d == Duration{}; });
}

void declare_operators(AnyTypeBuilder type) {
    type.protocol(Protocol::add, [](Duration& a, Duration& b) { return sum(a, b); })
        .protocol(Protocol::add_assign, [](Duration& a, Duration& b) { a = sum(a, b); })
        .protocol(Protocol::partial_eq, [](Duration& a, Duration& b) { return a == b; })
        .protocol(Protocol::eq, [](Duration& a, Duration& b) { return a == b; })
        .protocol(Protocol::partial_cmp,
                  [](Duration& a, Duration& b) { return Value::ordering(compare(a, b)); })
        .protocol(Protocol::cmp,
                  [](Duration& a, Duration& b) { return Value::ordering(compare(a, b)); })
        .protocol(Protocol::clone, [](Duration& d) { return d; })
        .protocol(Protocol::debug, [](Duration& d) { return text_of(d); });
}

void declare_constants(AnyTypeBuilder type) {
    const auto constant = [&](std::string_view name, Duration duration) {
        NativeFunction make{std::string(name), wrap_native([duration] { return duration; }), 0};
        type.constant(name,
                      {ConstValue::Made{std::make_shared<const NativeFunction>(std::move(make))}});
    };
    constant("SECOND", {1, 0});
    constant("MILLISECOND", {0, millisecond});
    constant("MICROSECOND", {0, microsecond});
    constant("NANOSECOND", {0, 1});
    constant("ZERO", {});
    constant("MAX", {UINT64_MAX, Duration::per_second - 1});
}

}  // namespace

void declare_duration(Module& time) {
    AnyTypeBuilder type = time.type<Duration>("Duration");
    declare_makers(type);
    declare_readers(type);
    declare_operators(type);
    declare_constants(type);
}

}  // namespace rb::rune
