// HTTP calls to a server under test, with libcurl: a client that is not ours.

#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace rb::test {

struct HttpAnswer {
    // 0 when there was no answer at all.
    long status = 0;
    // Lower-case names; the last of several.
    std::map<std::string, std::string> headers;
    std::string body;
};

using HttpFields = std::vector<std::pair<std::string, std::string>>;

HttpAnswer http_get(const std::string& url, const HttpFields& fields = {});
HttpAnswer http_post(const std::string& url, const std::string& body, const HttpFields& fields);

// The outcome of a unary call by the Connect protocol, in JSON.
struct CallOutcome {
    // Empty when the call succeeded; else Connect's word ("permission_denied").
    std::string code;
    std::string message;
    std::string body;
    std::map<std::string, std::string> headers;
};

// `method`: "order.OrderService/GetOrder". `origin`: "http://127.0.0.1:50051".
CallOutcome call_json(const std::string& origin, std::string_view method, const std::string& json,
                      HttpFields fields = {});

}  // namespace rb::test
