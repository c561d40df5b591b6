#include "core/second_factor/totp_ticket.hpp"

#include "core/second_factor/limits.hpp"
#include "core/second_factor/second_factor_gate.hpp"

#include <charconv>

namespace rb::core {

namespace {

constexpr std::string_view ticket_field = "totp_ticket";

std::string number_of(Timestamp time) {
    return std::to_string(time.time_since_epoch().count());
}

}  // namespace

// "<end> <since when the password is> <secret>"
std::string seal_totp_ticket(const SecretSealer& sealer, const User& user, std::string_view secret,
                             Timestamp now) {
    return sealer.seal(totp_secret_owner(user.id), ticket_field,
                       number_of(now + limits::totp_ticket_lifetime) + " " +
                           number_of(user.credentials_changed_at) + " " + std::string(secret));
}

std::optional<std::string> open_totp_ticket(const SecretSealer& sealer, const User& user,
                                            std::string_view ticket, Timestamp now) {
    if (ticket.size() > limits::totp_ticket_bytes_max) return std::nullopt;
    const auto opened = sealer.open(totp_secret_owner(user.id), ticket_field, ticket);
    if (opened.has_error()) return std::nullopt;

    Timestamp::rep end = 0;
    const auto* const last = opened->data() + opened->size();
    const auto read = std::from_chars(opened->data(), last, end);
    ASSERT(read.ec == std::errc() && read.ptr != last);
    const auto rest = std::string_view(read.ptr + 1, last);
    const auto stamp_and_blank = number_of(user.credentials_changed_at) + " ";
    if (now >= Timestamp(Timestamp::duration(end)) || !rest.starts_with(stamp_and_blank)) {
        return std::nullopt;
    }
    return std::string(rest.substr(stamp_and_blank.size()));
}

}  // namespace rb::core
