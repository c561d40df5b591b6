#include "core/second_factor/recovery_code.hpp"

#include "core/second_factor/limits.hpp"

#include <array>

namespace rb::core {

namespace {

// Without 0, 1, I and O.
constexpr std::string_view letters = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ";
static_assert(letters.size() == 32);
constexpr std::size_t group_chars = limits::recovery_code_chars / 2;

std::string in_groups(std::string_view code) {
    return std::string(code.substr(0, group_chars)) + "-" + std::string(code.substr(group_chars));
}

}  // namespace

std::string new_recovery_code(RandomSource& random) {
    std::array<std::uint8_t, limits::recovery_code_chars> bytes{};
    random.fill(bytes);
    std::string code;
    // 256 is a multiple of 32: no letter is likelier than another.
    for (const auto byte : bytes) code += letters[byte % letters.size()];
    return in_groups(code);
}

std::optional<std::string> read_recovery_code(std::string_view typed) {
    std::string code;
    for (char c : typed) {
        if (c == '-' || c == ' ') continue;
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
        if (letters.find(c) == std::string_view::npos) return std::nullopt;
        if (code.size() == limits::recovery_code_chars) return std::nullopt;
        code += c;
    }
    if (code.size() != limits::recovery_code_chars) return std::nullopt;
    return in_groups(code);
}

Digest hash_recovery_code(const Digester& digester, UserId user, std::string_view code) {
    return digester.keyed("recovery code\n" + user.to_string() + "\n" + std::string(code));
}

}  // namespace rb::core
