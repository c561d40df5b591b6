#include "support/http_call.hpp"

#include <curl/curl.h>

#include <cctype>
#include <memory>
#include <nlohmann/json.hpp>

namespace rb::test {
namespace {

struct CleanUp {
    void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
    void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};

std::size_t take_body(char* data, std::size_t size, std::size_t count, void* answer) {
    static_cast<HttpAnswer*>(answer)->body.append(data, size * count);
    return size * count;
}

std::size_t take_header(char* data, std::size_t size, std::size_t count, void* answer) {
    const std::string_view line(data, size * count);
    const auto colon = line.find(':');
    if (colon != std::string_view::npos) {
        std::string name(line.substr(0, colon));
        for (auto& c : name) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
        auto value = line.substr(colon + 1);
        while (value.starts_with(' ')) value.remove_prefix(1);
        while (value.ends_with('\n') || value.ends_with('\r')) value.remove_suffix(1);
        static_cast<HttpAnswer*>(answer)->headers[name] = std::string(value);
    }
    return size * count;
}

HttpAnswer perform(const std::string& url, const std::string* body, const HttpFields& fields) {
    const std::unique_ptr<CURL, CleanUp> handle(curl_easy_init());
    curl_slist* list = nullptr;
    for (const auto& [name, value] : fields) {
        list = curl_slist_append(list, (name + ": " + value).c_str());
    }
    const std::unique_ptr<curl_slist, CleanUp> owner(list);
    HttpAnswer answer;
    curl_easy_setopt(handle.get(), CURLOPT_URL, url.c_str());
    curl_easy_setopt(handle.get(), CURLOPT_HTTPHEADER, list);
    curl_easy_setopt(handle.get(), CURLOPT_TIMEOUT, 60L);
    curl_easy_setopt(handle.get(), CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(handle.get(), CURLOPT_WRITEFUNCTION, take_body);
    curl_easy_setopt(handle.get(), CURLOPT_WRITEDATA, &answer);
    curl_easy_setopt(handle.get(), CURLOPT_HEADERFUNCTION, take_header);
    curl_easy_setopt(handle.get(), CURLOPT_HEADERDATA, &answer);
    if (body != nullptr) {
        curl_easy_setopt(handle.get(), CURLOPT_POSTFIELDS, body->c_str());
        curl_easy_setopt(handle.get(), CURLOPT_POSTFIELDSIZE, static_cast<long>(body->size()));
    }
    if (curl_easy_perform(handle.get()) == CURLE_OK) {
        curl_easy_getinfo(handle.get(), CURLINFO_RESPONSE_CODE, &answer.status);
    }
    return answer;
}

}  // namespace

HttpAnswer http_get(const std::string& url, const HttpFields& fields) {
    return perform(url, nullptr, fields);
}

HttpAnswer http_post(const std::string& url, const std::string& body, const HttpFields& fields) {
    return perform(url, &body, fields);
}

CallOutcome call_json(const std::string& origin, std::string_view method, const std::string& json,
                      HttpFields fields) {
    fields.emplace_back("content-type", "application/json");
    auto answer = http_post(origin + "/rustbill." + std::string(method), json, fields);
    CallOutcome outcome{.code = {}, .message = {}, .body = answer.body, .headers = answer.headers};
    if (answer.status == 200) return outcome;
    const auto error = nlohmann::json::parse(answer.body, nullptr, false);
    outcome.code = error.is_object() ? error.value("code", "unknown") : "no_answer";
    outcome.message = error.is_object() ? error.value("message", "") : answer.body;
    return outcome;
}

}  // namespace rb::test
