#include "store_pg/parameters.hpp"

#include "store_pg/timestamp_text.hpp"

namespace rb::store_pg {

void Parameters::add(core::Timestamp time) {
    begin_value();
    append_text(time, text_);
    end_value();
}

void Parameters::add(Bytes bytes) {
    constexpr std::string_view hex_digits = "0123456789abcdef";
    begin_value();
    text_ += "\\x";
    for (const char character : bytes.data) {
        const auto byte = static_cast<unsigned char>(character);
        text_ += hex_digits[byte >> 4];
        text_ += hex_digits[byte & 15];
    }
    end_value();
}

void Parameters::add(const std::vector<std::string>& texts) {
    begin_value();
    text_ += '{';
    for (const auto& text : texts) {
        if (&text != &texts.front()) text_ += ',';
        text_ += '"';
        for (const char character : text) {
            if (character == '"' || character == '\\') text_ += '\\';
            text_ += character;
        }
        text_ += '"';
    }
    text_ += '}';
    end_value();
}

}  // namespace rb::store_pg
