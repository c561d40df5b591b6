#include "telemetry/otlp_client.hpp"

#include "telemetry/limits.hpp"
#include "telemetry/otlp_encoder.hpp"

#include <curl/curl.h>

#include <mutex>

namespace rb::telemetry {
namespace {

using CurlList = std::unique_ptr<curl_slist, decltype(&curl_slist_free_all)>;

void append(CurlList& list, const std::string& line) {
    curl_slist* grown = curl_slist_append(list.get(), line.c_str());
    ASSERT(grown != nullptr);
    (void)list.release();
    list.reset(grown);
}

std::size_t on_body(char* data, std::size_t, std::size_t size, void* user) {
    auto& body = *static_cast<std::string*>(user);
    if (body.size() + size > otlp_answer_bytes_max) return 0;
    body.append(data, size);
    return size;
}

int on_progress(void* user, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
    return static_cast<const std::stop_token*>(user)->stop_requested() ? 1 : 0;
}

bool passes_by_itself(long status) {
    return status == 429 || status == 502 || status == 503 || status == 504;
}

void initialise_once() {
    static std::once_flag once;
    std::call_once(once, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
}

}  // namespace

struct OtlpClient::Handle {
    std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> curl{nullptr, curl_easy_cleanup};
    CurlList headers{nullptr, curl_slist_free_all};
};

OtlpClient::OtlpClient(OtlpClientOptions options)
    : options_(std::move(options)), handle_(std::make_unique<Handle>()) {
    initialise_once();
    handle_->curl.reset(curl_easy_init());
    ASSERT(handle_->curl != nullptr);
    append(handle_->headers, "Content-Type: application/x-protobuf");
    append(handle_->headers, "Expect:");
    for (const auto& [name, value] : options_.headers) {
        append(handle_->headers, value.empty() ? name + ";" : name + ": " + value);
    }
    auto* curl = handle_->curl.get();
    curl_easy_setopt(curl, CURLOPT_URL, options_.endpoint.c_str());
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, handle_->headers.get());
    curl_easy_setopt(curl, CURLOPT_USERAGENT, "RustBill");
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
    // A collector on this machine is not behind a proxy, whatever the environment says.
    curl_easy_setopt(curl, CURLOPT_NOPROXY, "localhost,127.0.0.1,::1");
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, static_cast<long>(options_.timeout.count()));
    curl_easy_setopt(curl, CURLOPT_POST, 1L);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, on_progress);
}

OtlpClient::~OtlpClient() = default;

Result<> OtlpClient::push(const std::string& body, const std::stop_token& stop) {
    auto* curl = handle_->curl.get();
    std::string answer;
    curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body.size()));
    curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body.data());
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, &answer);
    curl_easy_setopt(curl, CURLOPT_XFERINFODATA, &stop);
    const auto code = curl_easy_perform(curl);
    if (code != CURLE_OK) return Error{ErrorCode::unavailable, curl_easy_strerror(code)};
    long status = 0;
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    if (status == 200) return check_otlp_answer(answer);
    return Error{passes_by_itself(status) ? ErrorCode::unavailable : ErrorCode::failed_precondition,
                 "the collector answered " + std::to_string(status)};
}

}  // namespace rb::telemetry
