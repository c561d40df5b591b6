// What a stranger says of himself in his request's head: X-Forwarded-For, Authorization, Cookie, a
// token. The input is a token, a line break, and the value of the fields.

#include "config/ip_network.hpp"
#include "crypto/base64url.hpp"
#include "crypto/jwt_access_tokens.hpp"
#include "crypto/openssl_digester.hpp"
#include "server/middleware/client_address.hpp"
#include "server/middleware/credential.hpp"

#include <cstddef>
#include <cstdint>

namespace {

using namespace rb;

const std::string secret(32, 's');

// The fuzzer cannot guess a signature, so it is given one: what is signed is read.
void check_token(std::string_view input) {
    const crypto::JwtAccessTokens tokens(secret);
    static_cast<void>(tokens.verify(input, {}));
    const auto point = std::min(input.find('.'), input.size());
    const auto body = input.substr(std::min(point + 1, input.size()));
    const auto signed_part =
        crypto::to_base64url(input.substr(0, point)) + "." + crypto::to_base64url(body);
    const auto signature = crypto::HmacSha256(secret).of(signed_part);
    const std::string_view bytes(reinterpret_cast<const char*>(signature.data()), signature.size());
    const auto claims = tokens.verify(signed_part + "." + crypto::to_base64url(bytes), {});
    if (claims.has_value()) ASSERT(tokens.verify(tokens.issue(*claims), {}).has_value());
    if (const auto decoded = crypto::from_base64url(input)) {
        ASSERT(crypto::to_base64url(*decoded) == input);
    }
}

void check_fields(std::string_view value) {
    static const auto trusted = server::trusted_networks({"10.0.0.0/8", "::1", "2001:db8::/32"});
    transport::RequestInfo info{.peer = "10.0.0.1:4711"};
    for (const auto* name : {"x-forwarded-for", "authorization", "cookie", "user-agent"}) {
        info.fields.add_unchecked(name, value);
    }
    const auto address = server::client_address(info.peer, info.fields, trusted);
    // Whatever was claimed, what comes out is an address.
    ASSERT(config::IpAddress::parse(address.ip));
    ASSERT(server::rate_key_of(address) != "unknown");
    static_cast<void>(server::client_address(value, info.fields, trusted));
    transport::CallContext call(std::move(info));
    static_cast<void>(server::bearer_token(call));
    static_cast<void>(call.metadata().find_cookie("rustbill_session"));
    static_cast<void>(server::client_info_of(call));
    if (const auto network = config::IpNetwork::parse(value)) {
        static_cast<void>(network->contains(*config::IpAddress::parse("10.0.0.1")));
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view input(reinterpret_cast<const char*>(data), size);
    const auto end = std::min(input.find('\n'), input.size());
    check_token(input.substr(0, end));
    check_fields(input.substr(std::min(end + 1, input.size())));
    return 0;
}
