#include "crypto/claims_text.hpp"

#include <charconv>
#include <nlohmann/json.hpp>

namespace rb::crypto {

namespace {

using nlohmann::json;
using Seconds = std::chrono::sys_seconds;

constexpr std::size_t uuid_bytes = 36;
// The year 9999: beyond it std::chrono's microseconds are near their end.
constexpr std::int64_t seconds_max = 253'402'300'799;

// Reads what write_claims() writes and nothing else, a tenth of the work that reading any JSON is:
// every call of a customer carries a token.
class OwnForm {
public:
    explicit OwnForm(std::string_view text) : rest_(text) {}

    // Each is false when something else stands there.
    bool word(std::string_view word) {
        if (!rest_.starts_with(word)) return false;
        rest_.remove_prefix(word.size());
        return true;
    }
    bool uuid(Uuid& value) {
        const auto parsed = Uuid::parse(rest_.substr(0, uuid_bytes));
        if (parsed.has_error()) return false;
        rest_.remove_prefix(uuid_bytes);
        value = *parsed;
        return true;
    }
    bool time(Seconds& value) {
        std::int64_t seconds = 0;
        // JSON's numbers begin with no zero; a token from before 1970 is none of ours.
        if (rest_.empty() || rest_.front() < '1' || rest_.front() > '9') return false;
        const auto [end, error] =
            std::from_chars(rest_.data(), rest_.data() + rest_.size(), seconds);
        if (error != std::errc() || seconds > seconds_max) return false;
        rest_.remove_prefix(static_cast<std::size_t>(end - rest_.data()));
        value = Seconds(std::chrono::seconds(seconds));
        return true;
    }
    [[nodiscard]] bool is_at_end() const { return rest_.empty(); }

private:
    std::string_view rest_;
};

std::optional<core::AccessClaims> read_own_form(std::string_view text) {
    OwnForm form(text);
    Uuid customer;
    Uuid id;
    Uuid family;
    Uuid user;
    Seconds expires_at;
    Seconds issued_at;
    const bool is_ours = form.word(R"({"customer_id":")") && form.uuid(customer) &&
                         form.word(R"(","exp":)") && form.time(expires_at) &&
                         form.word(R"(,"iat":)") && form.time(issued_at) &&
                         form.word(R"(,"jti":")") && form.uuid(id) &&  //
                         form.word(R"(","sid":")") && form.uuid(family) &&
                         form.word(R"(","sub":")") && form.uuid(user) &&  //
                         form.word(R"("})") && form.is_at_end();
    if (!is_ours) return std::nullopt;
    return core::AccessClaims{.user = core::UserId(user),
                              .customer = core::CustomerId(customer),
                              .family = family,
                              .id = id,
                              .issued_at = issued_at,
                              .expires_at = expires_at};
}

std::optional<Uuid> find_uuid(const json& claims, const char* name) {
    const auto found = claims.find(name);
    if (found == claims.end() || !found->is_string()) return std::nullopt;
    const auto uuid = Uuid::parse(found->get_ref<const std::string&>());
    if (uuid.has_error()) return std::nullopt;
    return *uuid;
}

std::optional<Seconds> find_time(const json& claims, const char* name) {
    const auto found = claims.find(name);
    if (found == claims.end() || !found->is_number_integer()) return std::nullopt;
    const auto seconds = found->get<std::int64_t>();
    if (seconds < 0 || seconds > seconds_max) return std::nullopt;
    return Seconds(std::chrono::seconds(seconds));
}

}  // namespace

Error refused_token(std::string detail) {
    return Error{.code = ErrorCode::unauthenticated, .message = "sign in again"}.with_detail(
        "access token: " + std::move(detail));
}

std::string write_claims(const core::AccessClaims& claims) {
    // An object of nlohmann's is ordered by name.
    return json{{"sub", claims.user.to_string()},
                {"customer_id", claims.customer.to_string()},
                {"sid", claims.family.to_string()},
                {"jti", claims.id.to_string()},
                {"iat", claims.issued_at.time_since_epoch().count()},
                {"exp", claims.expires_at.time_since_epoch().count()}}
        .dump();
}

Result<core::AccessClaims> read_claims(std::string_view text) {
    if (const auto ours = read_own_form(text)) return *ours;
    const auto claims = json::parse(text, nullptr, false);
    if (claims.is_discarded() || !claims.is_object()) {
        return refused_token("claims are no object");
    }
    const auto user = find_uuid(claims, "sub");
    const auto customer = find_uuid(claims, "customer_id");
    const auto family = find_uuid(claims, "sid");
    const auto id = find_uuid(claims, "jti");
    const auto issued_at = find_time(claims, "iat");
    const auto expires_at = find_time(claims, "exp");
    if (!user || !customer || !family || !id || !issued_at || !expires_at) {
        return refused_token("a claim is missing");
    }
    return core::AccessClaims{.user = core::UserId(*user),
                              .customer = core::CustomerId(*customer),
                              .family = *family,
                              .id = *id,
                              .issued_at = *issued_at,
                              .expires_at = *expires_at};
}

}  // namespace rb::crypto
