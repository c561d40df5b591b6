// Time, ids and sealed secrets that a test is master of.

#pragma once

#include "core/ports/clock.hpp"
#include "core/ports/id_source.hpp"
#include "core/ports/secret_sealer.hpp"

#include <atomic>
#include <chrono>
#include <string>
#include <string_view>

namespace rb::test {

// Stands still until moved. Thread-safe.
class FakeClock final : public core::Clock {
public:
    explicit FakeClock(core::Timestamp start = std::chrono::sys_days(std::chrono::year(2027) / 1 /
                                                                     15) +
                                               std::chrono::hours(9))
        : now_(start.time_since_epoch().count()) {}

    [[nodiscard]] core::Timestamp now() const override {
        return core::Timestamp(std::chrono::microseconds(now_.load()));
    }
    void advance(std::chrono::microseconds by) { now_ += by.count(); }
    void set(core::Timestamp to) { now_ = to.time_since_epoch().count(); }

private:
    std::atomic<std::int64_t> now_;
};

// Counts, in the form of a UUIDv7. Thread-safe.
class CountingIds final : public core::IdSource {
public:
    Uuid next() override {
        Uuid uuid;
        auto number = ++count_;
        for (std::size_t index = 15; index > 8; --index, number >>= 8) {
            uuid.bytes[index] = static_cast<std::uint8_t>(number & 0xFF);
        }
        uuid.bytes[0] = 0x01;
        uuid.bytes[6] = 0x70;
        uuid.bytes[8] = 0x80;
        return uuid;
    }

private:
    std::atomic<std::uint64_t> count_{0};
};

// Hides the content from nobody who knows it, and opens it only where it belongs. Thread-safe.
class LabellingSealer final : public core::SecretSealer {
public:
    [[nodiscard]] std::string seal(std::string_view owner, std::string_view field,
                                   std::string_view plain) const override {
        auto sealed = label(owner, field);
        for (const char c : plain) sealed += static_cast<char>(c ^ 0x55);
        return hex(sealed);
    }
    [[nodiscard]] Result<std::string> open(std::string_view owner, std::string_view field,
                                           std::string_view sealed) const override {
        const auto expected = hex(label(owner, field));
        if (!sealed.starts_with(expected)) {
            return Error{.code = ErrorCode::failed_precondition, .message = "sealed elsewhere"};
        }
        std::string plain;
        for (std::size_t i = expected.size(); i + 1 < sealed.size(); i += 2) {
            const auto byte = (sealed[i] - 'a') * 16 + (sealed[i + 1] - 'a');
            plain += static_cast<char>(byte ^ 0x55);
        }
        return plain;
    }

private:
    static std::string label(std::string_view owner, std::string_view field) {
        return "sealed for " + std::string(owner) + "/" + std::string(field) + ":";
    }
    // A column of text takes no arbitrary bytes.
    static std::string hex(std::string_view bytes) {
        std::string text;
        for (const unsigned char c : bytes) {
            text += static_cast<char>('a' + c / 16);
            text += static_cast<char>('a' + c % 16);
        }
        return text;
    }
};

}  // namespace rb::test
