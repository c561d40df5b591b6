// host::crypto. `data`, keys and signatures may be String or Bytes; an algorithm or padding that
// does not exist panics, since only the author can mend it.

#include "plugin/crypto/cipher.hpp"
#include "plugin/crypto/digest.hpp"
#include "plugin/crypto/signature.hpp"
#include "plugin/encoding/text_encoding.hpp"
#include "plugin/host/call_state.hpp"
#include "plugin/host/host_modules.hpp"
#include "plugin/limits.hpp"

namespace rb::plugin {

namespace {

using rune::Bytes;
using rune::Failure;
using rune::Fallible;
using rune::Value;
using rune::Vm;

HashAlgorithm algorithm_of(std::string_view name) {
    const auto algorithm = parse_hash_algorithm(name);
    if (algorithm.has_error()) rune::panic(algorithm.error().message);
    return *algorithm;
}

RsaPadding padding_of(std::string_view name) {
    const auto padding = parse_rsa_padding(name);
    if (padding.has_error()) rune::panic(padding.error().message);
    return *padding;
}

// Hashing is native work: a kilobyte counts like a handful of instructions.
void charge_hashing(Vm& vm, std::size_t bytes) {
    vm.charge(static_cast<std::int64_t>(bytes / 64 + 10));
}

std::string random_bytes(Vm& vm, std::int64_t count) {
    if (count < 1 || count > static_cast<std::int64_t>(random_bytes_max)) {
        rune::panic("random_bytes: count must be 1 to 1024");
    }
    std::string bytes(static_cast<std::size_t>(count), '\0');
    call_state(vm).world->random.fill(
        {reinterpret_cast<std::uint8_t*>(bytes.data()), bytes.size()});
    return bytes;
}

void add_hashes(rune::Module& module) {
    module.function("hash", [](Vm& vm, std::string_view algorithm, Value data) {
        const auto content = content_of(vm, data);
        charge_hashing(vm, content.size());
        return Bytes{digest(algorithm_of(algorithm), content)};
    });
    module.function("hash_hex", [](Vm& vm, std::string_view algorithm, Value data) {
        const auto content = content_of(vm, data);
        charge_hashing(vm, content.size());
        return hex_encode(digest(algorithm_of(algorithm), content));
    });
    module.function("hmac", [](Vm& vm, std::string_view algorithm, Value key, Value data) {
        const auto content = content_of(vm, data);
        charge_hashing(vm, content.size() + content_of(vm, key).size());
        return Bytes{hmac(algorithm_of(algorithm), content_of(vm, key), content)};
    });
    module.function("hmac_hex", [](Vm& vm, std::string_view algorithm, Value key, Value data) {
        const auto content = content_of(vm, data);
        charge_hashing(vm, content.size() + content_of(vm, key).size());
        return hex_encode(hmac(algorithm_of(algorithm), content_of(vm, key), content));
    });
    module.function("equal", [](Vm& vm, Value left, Value right) {
        charge_hashing(vm, content_of(vm, left).size());
        return equal_constant_time(content_of(vm, left), content_of(vm, right));
    });
}

void add_signatures(rune::Module& module) {
    module.function("rsa_sign", [](Vm& vm, std::string_view private_key, std::string_view padding,
                                   std::string_view algorithm, Value data) {
        vm.charge(20'000);  // a private-key operation takes about a millisecond
        charge_hashing(vm, content_of(vm, data).size());
        return bytes_or_failure(rsa_sign(private_key, padding_of(padding), algorithm_of(algorithm),
                                         content_of(vm, data)));
    });
    module.function("rsa_verify", [](Vm& vm, std::string_view public_key, std::string_view padding,
                                     std::string_view algorithm, Value data, Value signature) {
        vm.charge(2'000);
        charge_hashing(vm, content_of(vm, data).size());
        auto verified = rsa_verify(public_key, padding_of(padding), algorithm_of(algorithm),
                                   content_of(vm, data), content_of(vm, signature));
        return verified.has_error() ? Fallible<bool>(Failure{verified.error().message})
                                    : Fallible<bool>(*verified);
    });
}

void add_ciphers(rune::Module& module) {
    module.function("aes_gcm_encrypt", [](Vm& vm, Value key, Value nonce, Value data, Value aad) {
        charge_hashing(vm, content_of(vm, data).size() + content_of(vm, aad).size());
        return bytes_or_failure(aes_gcm_encrypt(content_of(vm, key), content_of(vm, nonce),
                                                content_of(vm, data), content_of(vm, aad)));
    });
    module.function("aes_gcm_decrypt", [](Vm& vm, Value key, Value nonce, Value data, Value aad) {
        charge_hashing(vm, content_of(vm, data).size() + content_of(vm, aad).size());
        return bytes_or_failure(aes_gcm_decrypt(content_of(vm, key), content_of(vm, nonce),
                                                content_of(vm, data), content_of(vm, aad)));
    });
    module.function("aes_cbc_encrypt", [](Vm& vm, Value key, Value iv, Value data) {
        charge_hashing(vm, content_of(vm, data).size());
        return bytes_or_failure(
            aes_cbc_encrypt(content_of(vm, key), content_of(vm, iv), content_of(vm, data)));
    });
    module.function("aes_cbc_decrypt", [](Vm& vm, Value key, Value iv, Value data) {
        charge_hashing(vm, content_of(vm, data).size());
        return bytes_or_failure(
            aes_cbc_decrypt(content_of(vm, key), content_of(vm, iv), content_of(vm, data)));
    });
}

}  // namespace

rune::Module crypto_module() {
    rune::Module module("host::crypto");
    add_hashes(module);
    add_signatures(module);
    add_ciphers(module);
    module.function("random_bytes",
                    [](Vm& vm, std::int64_t count) { return Bytes{random_bytes(vm, count)}; });
    module.function("random_hex",
                    [](Vm& vm, std::int64_t count) { return hex_encode(random_bytes(vm, count)); });
    return module;
}

}  // namespace rb::plugin
