#include "core/api_key/api_key.hpp"

#include "core/identity/secret_token.hpp"

namespace rb::core {

std::string new_api_key_text(RandomSource& random) {
    return std::string(api_key_mark) + new_secret_token(random);
}

bool is_api_key_text(std::string_view text) {
    return text.starts_with(api_key_mark) && is_secret_token(text.substr(api_key_mark.size()));
}

}  // namespace rb::core
