#include "support/fake_ports.hpp"

namespace rb::test {

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
