// HeaderFields: header or trailer fields in the order they came, a name may repeat.
//
// Names are lower case, as HTTP/2 and gRPC metadata have them; HTTP/1.1 names are lowered on the
// way in. Text lives in one buffer, so that a request costs two allocations however many fields it
// has. Views handed out stay valid until the next add().

#pragma once

#include "base/result.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rb::transport {

class HeaderFields {
public:
    struct Field {
        std::string_view name;
        std::string_view value;
    };

    // REQUIRES: is_field_name(name) and is_field_value(value). Those are checked and a field that
    // breaks them is dropped in answers, for a header injected into a response is worse than none.
    void add(std::string_view name, std::string_view value);
    // Adds binary metadata (gRPC: names that end in "-bin"), base64 on the wire.
    void add_binary(std::string_view name, std::string_view bytes);
    // For parsers that checked already: appends as it is.
    void add_unchecked(std::string_view name, std::string_view value);

    // The first value under `name` (lower case).
    [[nodiscard]] std::optional<std::string_view> find(std::string_view name) const;
    // The decoded first value of binary metadata; both base64 forms (padded or not) are read.
    // ERRORS: invalid_argument  the value is not base64
    [[nodiscard]] Result<std::optional<std::string>> find_binary(std::string_view name) const;
    // The value of one cookie of the cookie fields; nullopt when it is not there.
    [[nodiscard]] std::optional<std::string_view> find_cookie(std::string_view name) const;

    [[nodiscard]] std::size_t size() const { return entries_.size(); }
    [[nodiscard]] bool empty() const { return entries_.empty(); }
    [[nodiscard]] Field operator[](std::size_t index) const;
    // Names plus values plus 32 per field (RFC 9113, 6.5.2).
    [[nodiscard]] std::size_t list_bytes() const { return text_.size() + 32 * entries_.size(); }

    void reserve(std::size_t text_bytes, std::size_t fields);
    void clear();

    class Iterator {
    public:
        Iterator(const HeaderFields& fields, std::size_t index) : fields_(&fields), index_(index) {}
        Field operator*() const { return (*fields_)[index_]; }
        Iterator& operator++() {
            ++index_;
            return *this;
        }
        bool operator!=(const Iterator& other) const { return index_ != other.index_; }

    private:
        const HeaderFields* fields_;
        std::size_t index_;
    };
    [[nodiscard]] Iterator begin() const { return {*this, 0}; }
    [[nodiscard]] Iterator end() const { return {*this, entries_.size()}; }

private:
    struct Entry {
        std::uint32_t offset;
        std::uint32_t name_bytes;
        std::uint32_t value_bytes;
    };
    std::string text_;
    std::vector<Entry> entries_;
};

// A lower-case token of RFC 9110, 5.6.2.
bool is_field_name(std::string_view name);
// No CR, LF or NUL, no blank at either end (RFC 9110, 5.5).
bool is_field_value(std::string_view value);
// Without the blanks at either end (OWS of RFC 9110, 5.6.3).
std::string_view trimmed(std::string_view text);

}  // namespace rb::transport
