#include "log/log_filter.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace rb::log {

namespace {

using core::LogLevel;
std::string lowered(std::string_view text) {
    std::string result(text);
    for (auto& c : result) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    return result;
}

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
    while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
    return text;
}

bool is_target(std::string_view text) {
    return !text.empty() && std::ranges::all_of(text, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '_' || c == ':' || c == '-' || c == '.';
    });
}

}  // namespace

LogFilter LogFilter::parse(std::string_view text) {
    LogFilter filter;
    if (trimmed(text).empty()) text = "info";
    while (true) {
        const auto comma = text.find(',');
        const auto directive = trimmed(text.substr(0, comma));
        if (!directive.empty()) filter.add(directive);
        if (comma == std::string_view::npos) break;
        text.remove_prefix(comma + 1);
    }
    if (filter.directives_.empty()) filter.add("info");
    std::ranges::stable_sort(filter.directives_, [](const auto& left, const auto& right) {
        return left.target.size() > right.target.size();
    });
    return filter;
}

std::optional<int> LogFilter::read_level(std::string_view text) {
    static constexpr std::array<std::pair<std::string_view, LogLevel>, 10> words = {{
        {"error", LogLevel::error},
        {"warn", LogLevel::warn},
        {"info", LogLevel::info},
        {"debug", LogLevel::debug},
        {"trace", LogLevel::trace},
        {"1", LogLevel::error},
        {"2", LogLevel::warn},
        {"3", LogLevel::info},
        {"4", LogLevel::debug},
        {"5", LogLevel::trace},
    }};
    const auto word = lowered(text);
    if (word == "off" || word == "0") return level_off;
    for (const auto& [name, level] : words) {
        if (word == name) return static_cast<int>(level);
    }
    return std::nullopt;
}

void LogFilter::add(std::string_view directive) {
    const auto equals = directive.find('=');
    const auto target = trimmed(directive.substr(0, equals));
    Directive read;
    if (equals == std::string_view::npos) {
        if (const auto level = read_level(target)) {
            read.lowest = *level;
        } else if (is_target(target)) {
            read = {std::string(target), static_cast<int>(LogLevel::trace)};
        } else {
            unreadable_.emplace_back(directive);
            return;
        }
    } else {
        const auto level = read_level(trimmed(directive.substr(equals + 1)));
        if (!level || !is_target(target)) {
            unreadable_.emplace_back(directive);
            return;
        }
        read = {std::string(target), *level};
    }
    // The last of two for the same target stands.
    std::erase_if(directives_, [&](const auto& other) { return other.target == read.target; });
    directives_.push_back(std::move(read));
}

bool LogFilter::lets_pass(LogLevel level, std::string_view target) const {
    for (const auto& directive : directives_) {
        if (target.starts_with(directive.target)) {
            return static_cast<int>(level) >= directive.lowest;
        }
    }
    return false;
}

}  // namespace rb::log
