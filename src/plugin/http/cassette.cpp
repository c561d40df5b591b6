#include "plugin/http/cassette.hpp"

#include "base/utf8.hpp"

#include "core/text.hpp"

#include "plugin/encoding/text_encoding.hpp"
#include "plugin/encoding/xml.hpp"

#include <algorithm>
#include <array>

namespace rb::plugin {

namespace {

constexpr std::string_view blank = "[redacted]";

// Whether a field of that name carries a secret. Part of a word counts: "api_key", "X-Auth-Token".
bool is_secret_name(std::string_view name) {
    constexpr std::array<std::string_view, 9> words{"authorization", "cookie", "password",
                                                    "passwd",        "secret", "token",
                                                    "sign",          "key",    "credential"};
    const auto text = core::to_lower_ascii(name);
    return std::ranges::any_of(
        words, [&](std::string_view word) { return text.find(word) != std::string::npos; });
}

void replace_all(std::string& text, const std::string& from) {
    if (from.empty()) return;
    for (auto at = text.find(from); at != std::string::npos;
         at = text.find(from, at + blank.size())) {
        text.replace(at, from.size(), blank);
    }
}

// Inside a field that carries a secret every value is one.
enum class Within { anything, secret };

void redact_json(Json& value, Within within) {
    if (value.is_object()) {
        for (auto& [name, field] : value.items()) {
            redact_json(field, is_secret_name(name) ? Within::secret : within);
        }
    } else if (value.is_array()) {
        for (auto& item : value) redact_json(item, within);
    } else if (within == Within::secret) {
        value = blank;
    }
}

// An element as xml_parse() reads it.
void redact_xml(Json& element, Within within) {
    if (is_secret_name(element["name"].get<std::string>())) within = Within::secret;
    if (within == Within::secret && !element["text"].get_ref<const std::string&>().empty())
        element["text"] = blank;
    for (auto& [name, value] : element["attributes"].items()) {
        if (within == Within::secret || is_secret_name(name)) value = blank;
    }
    for (auto& child : element["children"]) redact_xml(child, within);
}

std::string redact_form(std::string_view text) {
    std::string out;
    while (!text.empty()) {
        const auto end = text.find('&');
        const auto pair = text.substr(0, end);
        text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
        const auto name = pair.substr(0, pair.find('='));
        if (!out.empty()) out += '&';
        out +=
            is_secret_name(name) ? std::string(name) + "=" + std::string(blank) : std::string(pair);
    }
    return out;
}

// JSON is walked recursively, and a peer's answer may nest as deep as it is long.
constexpr int json_depth_max = 100;

bool nests_too_deep(std::string_view text) {
    int depth = 0;
    for (const char c : text) {
        if (c == '[' || c == '{') ++depth;
        if (c == ']' || c == '}') --depth;
        if (depth > json_depth_max) return true;
    }
    return false;
}

// Without the values of fields that carry a secret, in the forms whose fields have names.
std::string redact_fields(const std::string& body) {
    if (auto json = Json::parse(body, nullptr, false); json.is_structured()) {
        if (nests_too_deep(body)) return std::string(blank);
        redact_json(json, Within::anything);
        return json.dump();
    }
    if (body.starts_with('<')) {
        auto element = xml_parse(body);
        if (element.has_error()) return body;
        redact_xml(*element, Within::anything);
        const auto text = xml_write(*element);
        return text.has_value() ? *text : body;
    }
    const bool is_form =
        body.find('=') != std::string::npos && body.find_first_of(" <\n") == std::string::npos;
    return is_form ? redact_form(body) : body;
}

std::string redact_body(const std::string& body, const std::vector<std::string>& secrets) {
    std::string out = redact_fields(body);
    for (const auto& secret : secrets) replace_all(out, secret);
    return out;
}

Json redact_headers(const HeaderList& headers, const std::vector<std::string>& secrets) {
    Json out = Json::object();
    for (const auto& [name, value] : headers) {
        std::string text = is_secret_name(name) ? std::string(blank) : value;
        for (const auto& secret : secrets) replace_all(text, secret);
        out[core::to_lower_ascii(name)] = text;
    }
    return out;
}

void put_body(Json& message, const std::string& body, const std::vector<std::string>& secrets) {
    if (is_utf8(body)) {
        message["body"] = redact_body(body, secrets);
    } else {
        std::string bytes = body;
        for (const auto& secret : secrets) replace_all(bytes, secret);
        message["body_base64"] = base64_encode(bytes);
    }
}

HttpResult answer_of(const Json& stored) {
    HttpResponse response;
    response.status = stored.value("status", 0);
    const Json headers = stored.value("headers", Json::object());
    for (const auto& [name, value] : headers.items()) {
        if (value.is_string()) response.headers.emplace_back(name, value.get<std::string>());
    }
    if (stored.contains("body_base64")) {
        auto body = base64_decode(stored["body_base64"].get<std::string>());
        if (body.has_error()) return HttpFailure{.message = "the cassette's body is not base64"};
        response.body = std::move(*body);
    } else {
        response.body = stored.value("body", std::string());
    }
    return response;
}

bool is_text(const Json& object, const char* name) {
    return object.contains(name) && object[name].is_string();
}

bool is_response(const Json& response) {
    if (!response.is_object()) return false;
    const auto may_be_text = [&](const char* name) {
        return !response.contains(name) || is_text(response, name);
    };
    return response.contains("status") && response["status"].is_number_integer() &&
           response.value("headers", Json::object()).is_object() && may_be_text("body") &&
           may_be_text("body_base64");
}

bool is_exchange(const Json& entry) {
    return entry.is_object() && entry.contains("request") && entry["request"].is_object() &&
           is_text(entry["request"], "method") && is_text(entry["request"], "url") &&
           (!entry["request"].contains("body") || is_text(entry["request"], "body")) &&
           entry.contains("response") && is_response(entry["response"]);
}

// Whether the text is the pattern, in which "[redacted]" stands for any text.
bool fits(std::string_view pattern, std::string_view text) {
    auto at = pattern.find(blank);
    if (at == std::string_view::npos) return pattern == text;
    if (!text.starts_with(pattern.substr(0, at))) return false;
    text.remove_prefix(at);
    pattern.remove_prefix(at + blank.size());
    for (at = pattern.find(blank); at != std::string_view::npos; at = pattern.find(blank)) {
        const auto found = text.find(pattern.substr(0, at));
        if (found == std::string_view::npos) return false;
        text.remove_prefix(found + at);
        pattern.remove_prefix(at + blank.size());
    }
    return text.ends_with(pattern);
}

bool answers(const Json& stored, const HttpRequest& request) {
    if (stored["method"] != request.method ||
        !fits(stored["url"].get<std::string>(), redacted_url(request.url))) {
        return false;
    }
    if (stored.contains("body_base64")) {
        return stored["body_base64"] == base64_encode(request.body);
    }
    return !stored.contains("body") ||
           fits(stored["body"].get<std::string>(), redact_body(request.body, {}));
}

// As it stands in a text, a URL or a form, and an HTTP header.
std::vector<std::string> forms_of(const std::vector<std::string>& secrets) {
    std::vector<std::string> forms;
    for (const auto& secret : secrets) {
        for (auto& form : {secret, url_encode(secret), form_encode({{"", secret}}).substr(1),
                           base64_encode(secret), Json(secret).dump()}) {
            forms.push_back(form.starts_with('"') ? form.substr(1, form.size() - 2) : form);
        }
    }
    std::ranges::sort(forms, std::ranges::greater(), &std::string::size);
    forms.erase(std::unique(forms.begin(), forms.end()), forms.end());
    return forms;
}

}  // namespace

std::string redacted_url(const std::string& url) {
    const auto question = url.find('?');
    if (question == std::string::npos) return url;
    return url.substr(0, question + 1) + redact_form(std::string_view(url).substr(question + 1));
}

RecordingHttpClient::RecordingHttpClient(HttpClient& next, const std::vector<std::string>& secrets)
    : next_(next), secrets_(forms_of(secrets)) {}

HttpResult RecordingHttpClient::send(const HttpRequest& request, const HttpPolicy& policy) {
    auto result = next_.send(request, policy);
    if (result.has_error()) return result;
    Json asked = Json::object();
    asked["method"] = request.method;
    std::string url = redacted_url(request.url);
    for (const auto& secret : secrets_) replace_all(url, secret);
    asked["url"] = url;
    asked["headers"] = redact_headers(request.headers, secrets_);
    if (!request.body.empty()) put_body(asked, request.body, secrets_);
    Json answered = Json::object();
    answered["status"] = result->status;
    answered["headers"] = redact_headers(result->headers, secrets_);
    put_body(answered, result->body, secrets_);
    const std::lock_guard lock(mutex_);
    exchanges_.push_back({{"request", std::move(asked)}, {"response", std::move(answered)}});
    return result;
}

std::string RecordingHttpClient::cassette() const {
    const std::lock_guard lock(mutex_);
    const Json whole = {{"version", 1}, {"exchanges", exchanges_}};
    // Of headers nothing says that they are UTF-8.
    return whole.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

Result<ReplayingHttpClient> ReplayingHttpClient::create(const std::string& cassette) {
    auto json = Json::parse(cassette, nullptr, false);
    if (!json.is_object() || !json.contains("version") || json["version"] != 1 ||
        !json.contains("exchanges") || !json["exchanges"].is_array()) {
        return invalid_field("cassette", "must be an object with version 1 and exchanges");
    }
    for (const auto& entry : json["exchanges"]) {
        if (!is_exchange(entry)) {
            return invalid_field("exchanges", "each needs a request (method, url) and a response");
        }
    }
    return ReplayingHttpClient(std::move(json["exchanges"]));
}

ReplayingHttpClient::ReplayingHttpClient(Json exchanges)
    : exchanges_(std::move(exchanges)), used_(exchanges_.size(), false) {}

ReplayingHttpClient::ReplayingHttpClient(ReplayingHttpClient&& other) noexcept
    : exchanges_(std::move(other.exchanges_)),
      used_(std::move(other.used_)),
      requests_(std::move(other.requests_)) {}

HttpResult ReplayingHttpClient::send(const HttpRequest& request, const HttpPolicy&) {
    const std::lock_guard lock(mutex_);
    requests_.push_back(request);
    for (std::size_t i = 0; i < used_.size(); ++i) {
        if (used_[i] || !answers(exchanges_[i]["request"], request)) continue;
        used_[i] = true;
        return answer_of(exchanges_[i]["response"]);
    }
    return HttpFailure{.message = "not on the cassette: " + request.method + " " +
                                  redacted_url(request.url)};
}

std::vector<HttpRequest> ReplayingHttpClient::requests() const {
    const std::lock_guard lock(mutex_);
    return requests_;
}

std::size_t ReplayingHttpClient::unused() const {
    const std::lock_guard lock(mutex_);
    return static_cast<std::size_t>(std::ranges::count(used_, false));
}

}  // namespace rb::plugin
