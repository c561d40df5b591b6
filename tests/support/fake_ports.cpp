#include "support/fake_ports.hpp"

namespace rb::test {

Uuid CountingIds::next() {
    const auto number = ++count_;
    Uuid uuid;
    // 2026-01-31 in milliseconds, roughly: only the shape matters.
    constexpr std::uint64_t millis = 0x019c'0000'0000;
    for (std::size_t byte = 0; byte < 6; ++byte) {
        uuid.bytes[byte] = static_cast<std::uint8_t>(millis >> (8 * (5 - byte)));
    }
    uuid.bytes[6] = static_cast<std::uint8_t>(0x70 | ((family_ >> 8) & 0x0f));
    uuid.bytes[7] = static_cast<std::uint8_t>(family_);
    uuid.bytes[8] = 0x80;
    for (std::size_t byte = 0; byte < 7; ++byte) {
        uuid.bytes[15 - byte] = static_cast<std::uint8_t>(number >> (8 * byte));
    }
    return uuid;
}

core::Digest FoldingDigester::sha256(std::string_view bytes) const {
    core::Digest digest{};
    std::uint64_t state = 14695981039346656037ULL;
    for (std::size_t round = 0; round < digest.size(); ++round) {
        for (const char byte : bytes) {
            state = (state ^ static_cast<std::uint8_t>(byte)) * 1099511628211ULL;
        }
        state = (state ^ round) * 1099511628211ULL;
        digest[round] = static_cast<std::uint8_t>(state >> 32);
    }
    return digest;
}

void RememberingLog::write(core::LogLevel level, std::string_view target, std::string_view message,
                           core::LogFields fields) {
    std::string line = std::string(target) + ": " + std::string(message);
    for (const auto& field : fields) {
        line += " " + std::string(field.name) + "=" + field.value;
    }
    const std::lock_guard lock(mutex_);
    lines_.emplace_back(level, std::move(line));
}

int RememberingLog::count(core::LogLevel level) const {
    const std::lock_guard lock(mutex_);
    int count = 0;
    for (const auto& line : lines_) count += line.first == level ? 1 : 0;
    return count;
}

std::string RememberingLog::text() const {
    const std::lock_guard lock(mutex_);
    std::string text;
    for (const auto& line : lines_) text += line.second + "\n";
    return text;
}

}  // namespace rb::test
