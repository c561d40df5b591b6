// Ids are UUIDs with a type: an OrderId is not a string and not a CustomerId.
//
// New ids come from the IdSource port (core/ports) and are UUIDv7 (RFC 9562, 5.7), so that they
// sort by time. The text form is the canonical lower-case one of RFC 9562, 4; parse() takes either
// case and nothing else.

#pragma once

#include "base/result.hpp"

#include <array>
#include <compare>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace rb {

struct Uuid {
    std::array<std::uint8_t, 16> bytes{};

    // ERRORS: invalid_argument  `text` is not 8-4-4-4-12 hexadecimal digits
    static Result<Uuid> parse(std::string_view text);
    [[nodiscard]] std::string to_string() const;
    // The all-zero UUID, which names nothing.
    [[nodiscard]] bool is_nil() const { return bytes == std::array<std::uint8_t, 16>{}; }

    auto operator<=>(const Uuid&) const = default;
};

template <typename Tag>
class Id {
public:
    Id() = default;
    explicit Id(Uuid uuid) : uuid_(uuid) {}

    // `field` names the input in the error ("order_id: must be a UUID").
    static Result<Id> parse(std::string_view text, std::string_view field) {
        auto uuid = Uuid::parse(text);
        if (uuid.has_error()) return invalid_field(std::string(field), "must be a UUID");
        return Id(*uuid);
    }

    [[nodiscard]] const Uuid& uuid() const { return uuid_; }
    [[nodiscard]] std::string to_string() const { return uuid_.to_string(); }
    [[nodiscard]] bool is_nil() const { return uuid_.is_nil(); }

    auto operator<=>(const Id&) const = default;

private:
    Uuid uuid_;
};

}  // namespace rb

template <typename Tag>
struct std::hash<rb::Id<Tag>> {
    std::size_t operator()(const rb::Id<Tag>& id) const noexcept {
        std::size_t hash = 14695981039346656037ULL;
        for (const auto byte : id.uuid().bytes) hash = (hash ^ byte) * 1099511628211ULL;
        return hash;
    }
};
