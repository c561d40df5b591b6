// Actor: on whose behalf a service acts. Made by the authentication layers from a credential, never
// from a request's fields. There is no actor "system" that a request could become: workers get
// theirs from Actor::system(), which nothing on the wire reaches.

#pragma once

#include "core/ids.hpp"

#include <optional>
#include <set>
#include <string>
#include <string_view>

namespace rb::core {

enum class ActorKind { anonymous, customer, admin, api_key, system };

struct Actor {
    ActorKind kind = ActorKind::anonymous;
    UserId user = {};
    // Whose orders and money: of a customer user his (first) membership, of an API key its owner.
    CustomerId customer = {};
    // Administrators: what the role grants ("orders.read"; "*" is everything). API keys: scopes.
    std::set<std::string, std::less<>> permissions = {};
    // An administrator who must set up a second factor first: his own account is all he has.
    bool lacks_second_factor = false;
    // What the credential belongs to: of an administrator his session, of a customer user his
    // family of refresh tokens, of an API key the key. Nil for the others.
    Uuid sign_in = {};
    // For the operation log.
    std::string request_id = {};
    std::string ip = {};

    static Actor system() { return {.kind = ActorKind::system}; }

    // Whether rows of this customer exist for the actor at all. A service that gets `false` answers
    // not_found, so that a stranger does not learn which ids exist.
    [[nodiscard]] bool may_see(CustomerId owner) const {
        if (is_staff()) return true;
        return (kind == ActorKind::customer || kind == ActorKind::api_key) && customer == owner;
    }

    // Administrators and workers act for anybody, and see what is not for the public. To one who
    // lacks his second factor a method that is for everybody shows what it shows everybody.
    [[nodiscard]] bool is_staff() const {
        return (kind == ActorKind::admin && !lacks_second_factor) || kind == ActorKind::system;
    }

    [[nodiscard]] bool has(std::string_view permission) const {
        return kind == ActorKind::system || permissions.contains(permission) ||
               permissions.contains("*");
    }
};

}  // namespace rb::core
