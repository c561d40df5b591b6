#include "store_pg/parameters.hpp"

#include "store_pg/timestamp_text.hpp"

namespace rb::store_pg {

void Parameters::add(core::Timestamp time) {
    values_.emplace_back(to_text(time));
}

void Parameters::add(Bytes bytes) {
    constexpr std::string_view hex_digits = "0123456789abcdef";
    std::string text = "\\x";
    text.reserve(2 + bytes.data.size() * 2);
    for (const char character : bytes.data) {
        const auto byte = static_cast<unsigned char>(character);
        text += hex_digits[byte >> 4];
        text += hex_digits[byte & 15];
    }
    values_.emplace_back(std::move(text));
}

void Parameters::add(const std::vector<std::string>& texts) {
    std::string array = "{";
    for (const auto& text : texts) {
        if (array.size() > 1) array += ',';
        array += '"';
        for (const char character : text) {
            if (character == '"' || character == '\\') array += '\\';
            array += character;
        }
        array += '"';
    }
    array += '}';
    values_.emplace_back(std::move(array));
}

}  // namespace rb::store_pg
