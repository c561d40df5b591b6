// The module `rand`. Generators made from one seed give one sequence; it is not the sequence of any
// other implementation.

#include "rune/modules/chacha.hpp"
#include "rune/modules/modules.hpp"
#include "rune/vm/objects.hpp"

#include <limits>
#include <string>
#include <string_view>

namespace rb::rune {
namespace {

// One C++ type for each generator type of the module.
struct SmallRng : ChaCha {
    explicit SmallRng(const ChaCha& rng) : ChaCha(rng) {}
};
struct StdRng : ChaCha {
    explicit StdRng(const ChaCha& rng) : ChaCha(rng) {}
};
struct ThreadRng : ChaCha {
    explicit ThreadRng(const ChaCha& rng) : ChaCha(rng) {}
};
struct SysRng : ChaCha {
    explicit SysRng(const ChaCha& rng) : ChaCha(rng) {}
};
// Names of older versions.
struct Pcg64 : ChaCha {
    explicit Pcg64(const ChaCha& rng) : ChaCha(rng) {}
};
struct WyRand : ChaCha {
    explicit WyRand(const ChaCha& rng) : ChaCha(rng) {}
};

char32_t random_char(ChaCha& rng) {
    constexpr std::uint64_t surrogates = 0x800;
    constexpr char32_t first_surrogate = 0xD800;
    const auto code = static_cast<char32_t>(rng.up_to(0x10FFFF - surrogates));
    return code < first_surrogate ? code : code + static_cast<char32_t>(surrogates);
}

// The first and last of `range` as offsets that keep their order when unsigned.
struct Bounds {
    std::uint64_t first = 0;
    std::uint64_t last = 0;
};

constexpr std::uint64_t sign_bit = 1ULL << 63;

const RangeObject& bounded_range(Vm& vm, Value range) {
    if (!range.is(Kind::range)) {
        raise(ErrorKind::type_mismatch,
              "Expected type `Range` but found `" + vm.type_of(range).name + "`");
    }
    const auto& object = *static_cast<const RangeObject*>(range.object);
    const RangeKind kind = object.range_kind();
    if (kind != RangeKind::range && kind != RangeKind::inclusive) {
        raise(ErrorKind::type_mismatch, "Expected a range with a start and an end");
    }
    return object;
}

std::uint64_t offset_of(Vm& vm, Value value, Tag tag) {
    if (value.tag != tag) {
        raise(ErrorKind::type_mismatch, "Expected the ends of the range to be of type `" +
                                            std::string(tag == Tag::integer ? "i64" : "u64") +
                                            "` but found `" + vm.type_of(value).name + "`");
    }
    return tag == Tag::integer ? value.unsigned_integer ^ sign_bit : value.unsigned_integer;
}

Bounds integer_bounds(Vm& vm, Value range, Tag tag) {
    const RangeObject& object = bounded_range(vm, range);
    Bounds bounds{offset_of(vm, object.start, tag), offset_of(vm, object.end, tag)};
    const bool inclusive = object.range_kind() == RangeKind::inclusive;
    if (bounds.first > bounds.last || (!inclusive && bounds.first == bounds.last)) {
        panic("cannot sample empty range");
    }
    if (!inclusive) --bounds.last;
    return bounds;
}

std::uint64_t random_offset(ChaCha& rng, const Bounds& bounds) {
    return bounds.first + rng.up_to(bounds.last - bounds.first);
}

Value random_integer_in(Vm& vm, ChaCha& rng, Value range) {
    const std::uint64_t offset = random_offset(rng, integer_bounds(vm, range, Tag::integer));
    return Value::of(static_cast<std::int64_t>(offset ^ sign_bit));
}

Value random_unsigned_in(Vm& vm, ChaCha& rng, Value range) {
    return Value::of(random_offset(rng, integer_bounds(vm, range, Tag::unsigned_integer)));
}

Value random_float_in(Vm& vm, ChaCha& rng, Value range) {
    const RangeObject& object = bounded_range(vm, range);
    if (object.start.tag != Tag::floating || object.end.tag != Tag::floating) {
        raise(ErrorKind::type_mismatch, "Expected the ends of the range to be of type `f64`");
    }
    const double first = object.start.floating;
    const double last = object.end.floating;
    if (!(first < last)) panic("cannot sample empty range");
    return Value::of(first + (last - first) * rng.next_float());
}

template <typename R>
AnyTypeBuilder declare_generator(Module& rand, std::string_view name) {
    AnyTypeBuilder type = rand.type<R>(name);
    const auto draws = [&](std::string_view of, auto draw) {
        type.raw_method_for("random", of, 1, [draw](NativeCall& call) {
            return draw(call.vm.native_of<R>(call[0]));
        });
    };
    draws("::std::i64", [](R& rng) { return Value::of(static_cast<std::int64_t>(rng.next())); });
    draws("::std::u64", [](R& rng) { return Value::of(rng.next()); });
    draws("::std::f64", [](R& rng) { return Value::of(rng.next_float()); });
    draws("::std::bool", [](R& rng) { return Value::of((rng.next() >> 63) != 0); });
    draws("::std::char", [](R& rng) { return Value::of(random_char(rng)); });
    const auto random_range = [&](std::string_view of, auto draw) {
        type.raw_method_for("random_range", of, 2, [draw](NativeCall& call) {
            return draw(call.vm, call.vm.native_of<R>(call[0]), call[1]);
        });
    };
    random_range("::std::i64", random_integer_in);
    random_range("::std::u64", random_unsigned_in);
    random_range("::std::f64", random_float_in);
    type.protocol(Protocol::debug, [shown = std::string(name)](R&) { return shown + " {..}"; });
    return type;
}

ChaCha from_bytes(std::string_view seed) {
    constexpr std::size_t seed_bytes = 32;
    if (seed.size() != seed_bytes) panic("a seed is 32 bytes");
    ChaCha::Seed key{};
    for (std::size_t i = 0; i < seed_bytes; ++i) {
        key[i / 4] |= static_cast<std::uint32_t>(static_cast<unsigned char>(seed[i]))
                      << (8 * (i % 4));
    }
    return ChaCha(key);
}

template <typename R>
void declare_seedable(Module& rand, std::string_view name) {
    declare_generator<R>(rand, name)
        .function("seed_from_u64", [](std::uint64_t seed) { return R(ChaCha::from_number(seed)); })
        .function("from_seed", [](Vm& vm, Value seed) { return R(from_bytes(vm.bytes_of(seed))); })
        .function("from_sys_rng", [] { return R(ChaCha::from_system()); })
        .function("try_from_sys_rng",
                  [](Vm& vm) { return vm.make_ok(vm.make_native(R(ChaCha::from_system()))); });
}

// `end` is not part of the range.
std::int64_t random_between(ChaCha& rng, std::int64_t first, std::int64_t end) {
    if (first >= end) panic("cannot sample empty range");
    const auto start = static_cast<std::uint64_t>(first);
    return static_cast<std::int64_t>(start +
                                     rng.up_to(static_cast<std::uint64_t>(end) - start - 1));
}

template <typename R>
void declare_older(Module& rand, std::string_view name) {
    declare_generator<R>(rand, name)
        .function("new", [] { return R(ChaCha::from_system()); })
        .method("int", [](R& rng) { return static_cast<std::int64_t>(rng.next()); })
        .method("int_range", [](R& rng, std::int64_t first, std::int64_t end) {
            return random_between(rng, first, end);
        });
}

}  // namespace

Module rand_module() {
    Module module("rand");
    declare_seedable<SmallRng>(module, "SmallRng");
    declare_seedable<StdRng>(module, "StdRng");
    declare_generator<ThreadRng>(module, "ThreadRng");
    declare_generator<SysRng>(module, "SysRng");
    declare_older<Pcg64>(module, "Pcg64");
    declare_older<WyRand>(module, "WyRand");
    module.function("rng", [] { return ThreadRng(ChaCha::from_system()); });
    module.function("int", [] { return static_cast<std::int64_t>(ChaCha::from_system().next()); });
    module.function("int_range", [](std::int64_t first, std::int64_t end) {
        ChaCha rng = ChaCha::from_system();
        return random_between(rng, first, end);
    });
    return module;
}

}  // namespace rb::rune
