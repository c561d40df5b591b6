// ConstValue: a value outside of any heap. What constants are made of; each use makes a fresh
// Value.

#pragma once

#include "rune/native.hpp"
#include "rune/value.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace rb::rune {

struct ConstValue {
    struct Bytes {
        std::string content;
        bool operator==(const Bytes&) const = default;
    };
    struct Tuple {
        std::vector<ConstValue> items;
        bool operator==(const Tuple&) const = default;
    };
    struct Vec {
        std::vector<ConstValue> items;
        bool operator==(const Vec&) const = default;
    };
    // Defined below, once ConstValue is complete.
    struct Field;
    struct Object {
        std::vector<Field> fields;
        bool operator==(const Object& other) const;
    };
    struct Type {
        ItemHash hash;
        bool operator==(const Type&) const = default;
    };
    struct Ordering {
        int sign;
        bool operator==(const Ordering&) const = default;
    };

    // A native value that is made anew at each use (`Duration::SECOND`); not for constant
    // evaluation and patterns. `make` takes no argument.
    struct Made {
        std::shared_ptr<const NativeFunction> make;
        bool operator==(const Made&) const = default;
    };

    // A value that several names share while a constant is evaluated; in no constant's result.
    struct Shared {
        ConstValue* target;
        bool operator==(const Shared&) const = default;
    };

    // monostate is `()`.
    std::variant<std::monostate, bool, char32_t, std::int64_t, std::uint64_t, double, std::string,
                 Bytes, Tuple, Vec, Object, Type, Ordering, Made, Shared>
        value;

    bool operator==(const ConstValue&) const = default;
};

struct ConstValue::Field {
    std::string first;
    ConstValue second;
    bool operator==(const Field&) const = default;
};

inline bool ConstValue::Object::operator==(const Object& other) const {
    return fields == other.fields;
}

}  // namespace rb::rune
