#include "plugin/crypto/cipher.hpp"

#include "plugin/crypto/evp.hpp"

namespace rb::plugin {

namespace {

constexpr std::size_t gcm_nonce_bytes = 12;
constexpr std::size_t gcm_tag_bytes = 16;
constexpr std::size_t block_bytes = 16;

enum class Mode { gcm, cbc };

const EVP_CIPHER* cipher_of(Mode mode, std::size_t key_bytes) {
    switch (key_bytes) {
        case 16:
            return mode == Mode::gcm ? EVP_aes_128_gcm() : EVP_aes_128_cbc();
        case 24:
            return mode == Mode::gcm ? EVP_aes_192_gcm() : EVP_aes_192_cbc();
        case 32:
            return mode == Mode::gcm ? EVP_aes_256_gcm() : EVP_aes_256_cbc();
        default:
            return nullptr;
    }
}

Result<const EVP_CIPHER*> checked_cipher(Mode mode, std::string_view key, std::string_view nonce) {
    const auto* cipher = cipher_of(mode, key.size());
    if (cipher == nullptr) return invalid_field("key", "must be 16, 24 or 32 bytes");
    if (mode == Mode::gcm && nonce.size() != gcm_nonce_bytes) {
        return invalid_field("nonce", "must be 12 bytes");
    }
    if (mode == Mode::cbc && nonce.size() != block_bytes) {
        return invalid_field("iv", "must be 16 bytes");
    }
    return cipher;
}

Error does_not_decrypt() {
    return {ErrorCode::failed_precondition, "does not decrypt"};
}

}  // namespace

Result<std::string> aes_gcm_encrypt(std::string_view key, std::string_view nonce,
                                    std::string_view plain, std::string_view associated_data) {
    const auto* cipher = TRY(checked_cipher(Mode::gcm, key, nonce));
    const EvpCipherContext context(EVP_CIPHER_CTX_new());
    std::string out(plain.size() + gcm_tag_bytes, '\0');
    int size = 0;
    bool ok = EVP_EncryptInit_ex(context.get(), cipher, nullptr, as_bytes(key.data()),
                                 as_bytes(nonce.data())) == 1;
    ok = ok && EVP_EncryptUpdate(context.get(), nullptr, &size, as_bytes(associated_data.data()),
                                 static_cast<int>(associated_data.size())) == 1;
    ok = ok && EVP_EncryptUpdate(context.get(), as_bytes(out.data()), &size, as_bytes(plain.data()),
                                 static_cast<int>(plain.size())) == 1;
    ok = ok && EVP_EncryptFinal_ex(context.get(), as_bytes(out.data()) + size, &size) == 1;
    ok = ok && EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_GET_TAG, gcm_tag_bytes,
                                   out.data() + plain.size()) == 1;
    if (!ok) return internal_error("AES-GCM encryption failed");
    return out;
}

Result<std::string> aes_gcm_decrypt(std::string_view key, std::string_view nonce,
                                    std::string_view cipher_and_tag,
                                    std::string_view associated_data) {
    const auto* cipher = TRY(checked_cipher(Mode::gcm, key, nonce));
    if (cipher_and_tag.size() < gcm_tag_bytes) {
        return invalid_field("cipher", "must hold at least the 16 bytes of the tag");
    }
    const auto content = cipher_and_tag.substr(0, cipher_and_tag.size() - gcm_tag_bytes);
    std::string tag(cipher_and_tag.substr(content.size()));
    const EvpCipherContext context(EVP_CIPHER_CTX_new());
    std::string out(content.size(), '\0');
    int size = 0;
    bool ok = EVP_DecryptInit_ex(context.get(), cipher, nullptr, as_bytes(key.data()),
                                 as_bytes(nonce.data())) == 1;
    ok = ok && EVP_DecryptUpdate(context.get(), nullptr, &size, as_bytes(associated_data.data()),
                                 static_cast<int>(associated_data.size())) == 1;
    ok = ok && EVP_DecryptUpdate(context.get(), as_bytes(out.data()), &size,
                                 as_bytes(content.data()), static_cast<int>(content.size())) == 1;
    ok = ok &&
         EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_SET_TAG, gcm_tag_bytes, tag.data()) == 1;
    ok = ok && EVP_DecryptFinal_ex(context.get(), as_bytes(out.data()) + size, &size) == 1;
    if (!ok) return does_not_decrypt();
    return out;
}

Result<std::string> aes_cbc_encrypt(std::string_view key, std::string_view iv,
                                    std::string_view plain) {
    const auto* cipher = TRY(checked_cipher(Mode::cbc, key, iv));
    const EvpCipherContext context(EVP_CIPHER_CTX_new());
    std::string out(plain.size() + block_bytes, '\0');
    int size = 0;
    int tail = 0;
    bool ok = EVP_EncryptInit_ex(context.get(), cipher, nullptr, as_bytes(key.data()),
                                 as_bytes(iv.data())) == 1;
    ok = ok && EVP_EncryptUpdate(context.get(), as_bytes(out.data()), &size, as_bytes(plain.data()),
                                 static_cast<int>(plain.size())) == 1;
    ok = ok && EVP_EncryptFinal_ex(context.get(), as_bytes(out.data()) + size, &tail) == 1;
    if (!ok) return internal_error("AES-CBC encryption failed");
    out.resize(static_cast<std::size_t>(size) + static_cast<std::size_t>(tail));
    return out;
}

Result<std::string> aes_cbc_decrypt(std::string_view key, std::string_view iv,
                                    std::string_view cipher_text) {
    const auto* cipher = TRY(checked_cipher(Mode::cbc, key, iv));
    if (cipher_text.empty() || cipher_text.size() % block_bytes != 0) {
        return invalid_field("cipher", "must be a multiple of 16 bytes");
    }
    const EvpCipherContext context(EVP_CIPHER_CTX_new());
    std::string out(cipher_text.size() + block_bytes, '\0');
    int size = 0;
    int tail = 0;
    bool ok = EVP_DecryptInit_ex(context.get(), cipher, nullptr, as_bytes(key.data()),
                                 as_bytes(iv.data())) == 1;
    ok = ok &&
         EVP_DecryptUpdate(context.get(), as_bytes(out.data()), &size, as_bytes(cipher_text.data()),
                           static_cast<int>(cipher_text.size())) == 1;
    ok = ok && EVP_DecryptFinal_ex(context.get(), as_bytes(out.data()) + size, &tail) == 1;
    if (!ok) return does_not_decrypt();
    out.resize(static_cast<std::size_t>(size) + static_cast<std::size_t>(tail));
    return out;
}

}  // namespace rb::plugin
