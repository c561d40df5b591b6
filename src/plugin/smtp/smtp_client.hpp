// One mail to one SMTP server, over libcurl. The host is judged and pinned as for HTTP
// (http/address_policy.hpp). Stateless; thread-safe.

#pragma once

#include "plugin/http/http_client.hpp"
#include "plugin/http/request_check.hpp"

#include <boost/system/result.hpp>

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace rb::plugin {

// starttls: refuses to go on in clear. none: for a server on the same machine.
enum class SmtpSecurity { starttls, tls, none };

struct SmtpServer {
    std::string host;
    std::uint16_t port = 587;
    SmtpSecurity security = SmtpSecurity::starttls;
    std::string username = {};
    std::string password = {};
    // Believed in the place of the system's authorities; empty: those.
    std::string ca_pem = {};
    std::chrono::milliseconds timeout{30'000};
};

struct SmtpMail {
    std::string from;
    std::vector<std::string> to;
    // Headers and body, CRLF.
    std::string content;
};

using SmtpResult = boost::system::result<void, HttpFailure>;

// ERRORS: a refusal when policy or server say no for good (5xx); uncertain when the mail was handed
//         over and the answer was lost.
SmtpResult send_mail(const SmtpServer& server, const SmtpMail& mail, const HttpPolicy& policy,
                     const Resolve& resolve);
// Connects, encrypts, signs in, says NOOP.
SmtpResult check_server(const SmtpServer& server, const HttpPolicy& policy, const Resolve& resolve);

}  // namespace rb::plugin
