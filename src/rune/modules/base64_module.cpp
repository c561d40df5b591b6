// The module `base64`: the standard alphabet with padding (RFC 4648, section 4).

#include "rune/modules/modules.hpp"
#include "rune/modules/text_error.hpp"

#include <array>
#include <optional>
#include <string>
#include <string_view>

namespace rb::rune {
namespace {

constexpr std::string_view alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

struct Base64Error : TextError {};

std::string encode(std::string_view content) {
    std::string text;
    text.reserve((content.size() + 2) / 3 * 4);
    for (std::size_t i = 0; i < content.size(); i += 3) {
        const std::size_t count = std::min<std::size_t>(3, content.size() - i);
        std::uint32_t group = 0;
        for (std::size_t j = 0; j < 3; ++j) {
            group = group << 8 | (j < count ? static_cast<unsigned char>(content[i + j]) : 0);
        }
        for (std::size_t j = 0; j < 4; ++j) {
            text += j <= count ? alphabet[group >> (18 - 6 * j) & 63] : '=';
        }
    }
    return text;
}

constexpr std::array<std::int8_t, 256> values_of_letters() {
    std::array<std::int8_t, 256> values{};
    values.fill(-1);
    for (std::size_t i = 0; i < alphabet.size(); ++i) {
        values[static_cast<unsigned char>(alphabet[i])] = static_cast<std::int8_t>(i);
    }
    return values;
}

// The bits of one group of four letters; nothing when one is not of the alphabet.
std::optional<std::uint32_t> group_of(std::string_view letters) {
    static constexpr auto values = values_of_letters();
    std::uint32_t group = 0;
    for (const char letter : letters) {
        const std::int8_t value = values[static_cast<unsigned char>(letter)];
        if (value < 0) return std::nullopt;
        group = group << 6 | static_cast<std::uint32_t>(value);
    }
    return group << (6 * (4 - letters.size()));
}

Fallible<std::string> decode(std::string_view text) {
    if (text.size() % 4 != 0) return Failure{"invalid length: padding is missing"};
    std::size_t padding = 0;
    while (padding < 2 && text.ends_with('=')) {
        text.remove_suffix(1);
        ++padding;
    }
    std::string content;
    content.reserve(text.size() / 4 * 3 + 2);
    for (std::size_t i = 0; i < text.size(); i += 4) {
        const std::string_view letters = text.substr(i, 4);
        const auto group = group_of(letters);
        if (!group) return Failure{"invalid letter after byte " + std::to_string(i)};
        const std::size_t count = letters.size() - 1;
        // Bits that belong to no byte must be zero, or two texts would mean the same bytes.
        if (*group & ((1U << (8 * (3 - count))) - 1)) return Failure{"invalid last letter"};
        for (std::size_t j = 0; j < count; ++j) {
            content += static_cast<char>(*group >> (16 - 8 * j) & 255);
        }
    }
    return content;
}

}  // namespace

Module base64_module() {
    Module base64("base64");
    declare_text_error<Base64Error>(base64);
    base64.function("encode", [](Vm& vm, Value bytes) {
        const std::string_view content = vm.bytes_of(bytes);
        vm.charge(static_cast<std::int64_t>(content.size() / 16));
        return vm.make_string(encode(content));
    });
    base64.function("decode", [](Vm& vm, std::string_view text) {
        vm.charge(static_cast<std::int64_t>(text.size() / 16));
        auto decoded = decode(text);
        return decoded.has_value()
                   ? vm.make_ok(vm.make_bytes(decoded.value()))
                   : vm.make_err(vm.make_native(Base64Error{{decoded.failure().message}}));
    });
    return base64;
}

}  // namespace rb::rune
