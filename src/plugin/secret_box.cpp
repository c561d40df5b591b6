#include "plugin/secret_box.hpp"

#include "plugin/crypto/cipher.hpp"
#include "plugin/crypto/digest.hpp"
#include "plugin/encoding/text_encoding.hpp"

#include <algorithm>

namespace rb::plugin {

namespace {

constexpr std::string_view sealed_prefix = "sealed:v1:";
constexpr std::size_t nonce_bytes = 12;

std::string place_of(std::string_view owner, std::string_view field) {
    return std::string(owner) + "/" + std::string(field);
}

}  // namespace

SecretBox::SecretBox(std::string_view master_secret, core::RandomSource& random) : random_(random) {
    const auto key = hkdf_sha256(master_secret, "rustbill", "plugin-config v1", key_.size());
    std::copy(key.begin(), key.end(), key_.begin());
}

std::string SecretBox::seal(std::string_view owner, std::string_view field,
                            std::string_view plain) const {
    std::array<std::uint8_t, nonce_bytes> nonce{};
    random_.fill(nonce);
    const std::string nonce_text(nonce.begin(), nonce.end());
    const std::string key(key_.begin(), key_.end());
    const auto sealed = aes_gcm_encrypt(key, nonce_text, plain, place_of(owner, field));
    ASSERT(sealed.has_value());
    return std::string(sealed_prefix) + base64_encode(nonce_text + *sealed);
}

Result<std::string> SecretBox::open(std::string_view owner, std::string_view field,
                                    std::string_view sealed) const {
    const Error unreadable{ErrorCode::failed_precondition,
                           std::string(field) +
                               ": the stored secret cannot be read with this key; "
                               "enter it again",
                           std::string(field)};
    if (!is_sealed(sealed)) return unreadable;
    const auto content = base64_decode(sealed.substr(sealed_prefix.size()));
    if (content.has_error() || content->size() < nonce_bytes) return unreadable;
    const std::string key(key_.begin(), key_.end());
    auto plain = aes_gcm_decrypt(key, content->substr(0, nonce_bytes), content->substr(nonce_bytes),
                                 place_of(owner, field));
    if (plain.has_error()) return unreadable;
    return std::move(*plain);
}

bool SecretBox::is_sealed(std::string_view text) {
    return text.starts_with(sealed_prefix);
}

}  // namespace rb::plugin
