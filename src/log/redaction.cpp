#include "log/redaction.hpp"

#include <algorithm>
#include <array>

namespace rb::log {

namespace {

// Names with a limit instead of a value ("token_count") are rare enough to be blanked too.
constexpr std::array<std::string_view, 9> secret_words = {
    "password", "passwd",     "secret",  "token",      "authorization",
    "cookie",   "credential", "api_key", "private_key"};

constexpr std::array<std::string_view, 8> assigned_words = {
    "password", "passwd", "pwd", "secret", "token", "api_key", "apikey", "authorization"};

char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool begins_with_word(std::string_view text, std::string_view word) {
    return text.size() >= word.size() &&
           std::equal(word.begin(), word.end(), text.begin(),
                      [](char expected, char actual) { return expected == lower(actual); });
}

bool is_token_char(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("-_.~+/=").find(c) != std::string_view::npos;
}

std::size_t token_length(std::string_view text) {
    const auto end = std::ranges::find_if_not(text, is_token_char);
    return static_cast<std::size_t>(end - text.begin());
}

// Each finder looks at the beginning of `text` and answers how much of it is kept and how much of
// what follows is the secret; {0, 0} when it finds nothing there.
struct Found {
    std::size_t kept = 0;
    std::size_t secret = 0;
};

Found find_scheme_password(std::string_view text) {
    if (!text.starts_with("://")) return {};
    const auto end = text.find_first_of("/ \t\r\n\"'?#", 3);
    const auto authority = text.substr(3, end == std::string_view::npos ? end : end - 3);
    // A password may itself hold "@" when the person did not escape it.
    const auto at = authority.rfind('@');
    if (at == std::string_view::npos) return {};
    const auto colon = authority.substr(0, at).find(':');
    if (colon == std::string_view::npos) return {};
    return {3 + colon + 1, at - colon - 1};
}

Found find_authorization(std::string_view text) {
    for (const std::string_view scheme : {"bearer ", "basic "}) {
        if (!begins_with_word(text, scheme)) continue;
        const auto length = token_length(text.substr(scheme.size()));
        // "bearer of news" is prose; credentials are longer.
        if (length >= 8) return {scheme.size(), length};
    }
    return {};
}

// password=VALUE, "password": "VALUE", password: VALUE
Found find_assignment(std::string_view text) {
    for (const auto word : assigned_words) {
        if (!begins_with_word(text, word)) continue;
        std::size_t at = word.size();
        if (at < text.size() && text[at] == '"') ++at;
        if (at >= text.size() || (text[at] != '=' && text[at] != ':')) continue;
        ++at;
        while (at < text.size() && text[at] == ' ') ++at;
        const bool quoted = at < text.size() && (text[at] == '"' || text[at] == '\'');
        if (quoted) {
            const auto close = text.find(text[at], at + 1);
            ++at;
            const auto end = close == std::string_view::npos ? text.size() : close;
            return {at, end - at};
        }
        // The header's value is a scheme and a credential, so it goes to the end of the line.
        const auto* stops = word == "authorization" ? "\r\n\"'}" : " ,;&\t\r\n\"'}";
        const auto end = text.find_first_of(stops, at);
        const auto length = (end == std::string_view::npos ? text.size() : end) - at;
        if (length > 0) return {at, length};
    }
    return {};
}

Found find_known_token(std::string_view text) {
    if (text.starts_with("rbk_")) {
        const auto length = token_length(text);
        if (length > 8) return {0, length};
    }
    // The label names an algorithm at most: "RSA PRIVATE KEY", "ENCRYPTED PRIVATE KEY".
    constexpr std::size_t label_bytes_max = 64;
    constexpr std::string_view pem = "-----BEGIN ";
    if (!text.starts_with(pem)) return {};
    const auto line = text.substr(pem.size(), label_bytes_max);
    const auto label = line.substr(0, line.find("-----"));
    if (label.find("PRIVATE KEY") != std::string_view::npos) return {0, text.size()};
    return {};
}

// A JWT, of three parts or, encrypted, of five. What begins in the middle of a token has no more
// dots than the whole, so that a token without them is looked through once, however often "eyJ"
// stands in it.
class JwtFinder {
public:
    Found operator()(std::string_view text) {
        if (!text.starts_with("eyJ") || text.size() > unlike_from_) return {};
        const auto length = token_length(text);
        if (std::ranges::count(text.substr(0, length), '.') >= 2) return {0, length};
        unlike_from_ = text.size() - length;
        return {};
    }

private:
    // How much of the text is left where the last token that was none ended.
    std::size_t unlike_from_ = std::string_view::npos;
};

// Where one of the finders may match at all: cheap, for most text holds no secret.
bool may_begin_here(char c) {
    return std::string_view(":bpstaeBPSTAr-").find(c) != std::string_view::npos;
}

}  // namespace

bool names_a_secret(std::string_view field_name) {
    std::string name(field_name);
    std::ranges::transform(name, name.begin(), lower);
    return std::ranges::any_of(secret_words,
                               [&](auto word) { return name.find(word) != std::string::npos; });
}

std::string without_secrets(std::string_view text) {
    std::string result;
    result.reserve(text.size());
    JwtFinder find_jwt;
    while (!text.empty()) {
        Found found;
        if (may_begin_here(text.front())) {
            for (const auto find :
                 {find_scheme_password, find_authorization, find_assignment, find_known_token}) {
                found = find(text);
                if (found.secret > 0) break;
            }
            if (found.secret == 0) found = find_jwt(text);
        }
        if (found.secret == 0) {
            result += text.front();
            text.remove_prefix(1);
            continue;
        }
        result += text.substr(0, found.kept);
        result += redacted;
        text.remove_prefix(found.kept + found.secret);
    }
    return result;
}

}  // namespace rb::log
