#include "plugin/smtp/smtp_client.hpp"

#include "base/assert.hpp"

#include "plugin/limits.hpp"

#include <curl/curl.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <optional>

namespace rb::plugin {

namespace {

using CurlHandle = std::unique_ptr<CURL, decltype(&curl_easy_cleanup)>;
struct FreeList {
    void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using CurlList = std::unique_ptr<curl_slist, FreeList>;

void append(CurlList& list, const std::string& line) {
    curl_slist* grown = curl_slist_append(list.get(), line.c_str());
    ASSERT(grown != nullptr);
    (void)list.release();
    list.reset(grown);
}

HttpFailure refused(std::string rule) {
    return {.delivery = Delivery::not_sent, .message = std::move(rule), .is_refusal = true};
}

// What curl reads the mail from.
struct Upload {
    std::string_view rest;
    // The whole mail was handed over: from here the server may have taken it.
    bool is_complete = false;
};

std::size_t on_read(char* buffer, std::size_t, std::size_t size, void* user) {
    auto& upload = *static_cast<Upload*>(user);
    const auto count = std::min(size, upload.rest.size());
    std::memcpy(buffer, upload.rest.data(), count);
    upload.rest.remove_prefix(count);
    upload.is_complete = upload.rest.empty();
    return count;
}

std::size_t ignore(char*, std::size_t, std::size_t size, void*) {
    return size;
}

std::string server_place(const SmtpServer& server) {
    return server.host + ":" + std::to_string(server.port);
}

// "host:port:address,…" of the judged addresses.
boost::system::result<std::string, HttpFailure> pinned(const SmtpServer& server,
                                                       const HttpPolicy& policy,
                                                       const Resolve& resolve) {
    // What else stands in it would become a part of the URL: another host, in front of the judged.
    if (!is_host(server.host)) return refused("host: is not the name of a host or an address");
    const auto* grant = find_grant(policy, server.host);
    if (grant == nullptr) return refused("host " + server.host + " is not granted to this plugin");
    const auto addresses = resolve(server.host);
    if (addresses.empty()) {
        return HttpFailure{.message = "host " + server.host + " does not resolve"};
    }
    if (!grant->allows_private && std::ranges::any_of(addresses, is_private_address)) {
        return refused("host " + server.host + " has a private address, which is not granted");
    }
    std::string line = server_place(server) + ":";
    for (const auto& address : addresses) {
        if (line.back() != ':') line += ",";
        line += address.find(':') == std::string::npos ? address : "[" + address + "]";
    }
    return line;
}

void set_server(CURL* curl, const SmtpServer& server, const curl_slist* addresses) {
    const std::string scheme = server.security == SmtpSecurity::tls ? "smtps://" : "smtp://";
    const auto url = scheme + server_place(server);
    curl_easy_setopt(curl, CURLOPT_URL, url.c_str());
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
    curl_easy_setopt(curl, CURLOPT_RESOLVE, addresses);
    curl_easy_setopt(curl, CURLOPT_PROXY, "");
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, ignore);
    const auto timeout = std::min(server.timeout, http_timeout_max);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, static_cast<long>(timeout.count()));
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS,
                     static_cast<long>(std::min(timeout, http_connect_timeout).count()));
    if (server.security != SmtpSecurity::none) {
        curl_easy_setopt(curl, CURLOPT_USE_SSL, static_cast<long>(CURLUSESSL_ALL));
        curl_easy_setopt(curl, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
    }
    if (!server.ca_pem.empty()) {
        curl_blob blob{const_cast<char*>(server.ca_pem.data()), server.ca_pem.size(),
                       CURL_BLOB_COPY};
        curl_easy_setopt(curl, CURLOPT_CAINFO_BLOB, &blob);
        // The system's authorities lie in a folder that libcurl would look into besides.
        curl_easy_setopt(curl, CURLOPT_CAPATH, nullptr);
    }
    if (!server.username.empty()) {
        curl_easy_setopt(curl, CURLOPT_USERNAME, server.username.c_str());
        curl_easy_setopt(curl, CURLOPT_PASSWORD, server.password.c_str());
    }
}

SmtpResult finish(CURL* curl, const SmtpServer& server, const Upload& upload) {
    const auto code = curl_easy_perform(curl);
    if (code == CURLE_OK) return {};
    long reply = 0;
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &reply);
    const auto place = server_place(server);
    const bool says_no = reply >= 400 && reply < 600;
    return HttpFailure{
        .delivery = upload.is_complete && !says_no ? Delivery::uncertain : Delivery::not_sent,
        .message = place + ": " + curl_easy_strerror(code) +
                   (says_no ? " (SMTP " + std::to_string(reply) + ")" : std::string()),
        // 5xx is a no for good (RFC 5321, 4.2.1).
        .is_refusal = reply >= 500 && reply < 600,
        .is_timeout = code == CURLE_OPERATION_TIMEDOUT};
}

}  // namespace

SmtpResult send_mail(const SmtpServer& server, const SmtpMail& mail, const HttpPolicy& policy,
                     const Resolve& resolve) {
    const auto line = pinned(server, policy, resolve);
    if (line.has_error()) return line.error();
    const CurlHandle curl(curl_easy_init(), curl_easy_cleanup);
    ASSERT(curl != nullptr);
    CurlList addresses;
    append(addresses, *line);
    CurlList recipients;
    for (const auto& address : mail.to) append(recipients, "<" + address + ">");
    Upload upload{mail.content};
    set_server(curl.get(), server, addresses.get());
    curl_easy_setopt(curl.get(), CURLOPT_MAIL_FROM, ("<" + mail.from + ">").c_str());
    curl_easy_setopt(curl.get(), CURLOPT_MAIL_RCPT, recipients.get());
    curl_easy_setopt(curl.get(), CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(curl.get(), CURLOPT_READFUNCTION, on_read);
    curl_easy_setopt(curl.get(), CURLOPT_READDATA, &upload);
    return finish(curl.get(), server, upload);
}

SmtpResult check_server(const SmtpServer& server, const HttpPolicy& policy,
                        const Resolve& resolve) {
    const auto line = pinned(server, policy, resolve);
    if (line.has_error()) return line.error();
    const CurlHandle curl(curl_easy_init(), curl_easy_cleanup);
    ASSERT(curl != nullptr);
    CurlList addresses;
    append(addresses, *line);
    set_server(curl.get(), server, addresses.get());
    curl_easy_setopt(curl.get(), CURLOPT_CUSTOMREQUEST, "NOOP");
    return finish(curl.get(), server, Upload{});
}

}  // namespace rb::plugin
