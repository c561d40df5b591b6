// An HTTP answer of a peer: as gRPC-Web frames, and recorded onto a cassette and replayed.
//
// The input is head lines "name: value", an empty line and a body; a line ends with '\n' alone.

#include "base/utf8.hpp"

#include "plugin/encoding/text_encoding.hpp"
#include "plugin/grpc/grpc_web_client.hpp"
#include "plugin/http/cassette.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace {

using namespace rb::plugin;

HttpResponse response_of(std::string_view input) {
    HttpResponse response{.status = 200};
    while (!input.empty()) {
        const auto end = std::min(input.find('\n'), input.size());
        const auto line = input.substr(0, end);
        input.remove_prefix(std::min(end + 1, input.size()));
        if (line.empty()) break;
        const auto colon = std::min(line.find(": "), line.size());
        response.headers.emplace_back(line.substr(0, colon),
                                      line.substr(std::min(colon + 2, line.size())));
    }
    response.body = input;
    return response;
}

class Answering final : public HttpClient {
public:
    explicit Answering(const HttpResponse& response) : response_(response) {}
    HttpResult send(const HttpRequest&, const HttpPolicy&) override { return response_; }

private:
    const HttpResponse& response_;
};

void check_grpc_web(const HttpResponse& response) {
    for (const auto* method :
         {"rustbill.order.OrderService/GetOrder", "rustbill.product.ProductService/ListProducts"}) {
        const auto answer = decode_grpc_answer(method, response);
        if (answer.has_value()) {
            ASSERT(answer->is_object());
            static_cast<void>(answer->dump());
        } else {
            // It goes to the script as a text.
            ASSERT(rb::is_utf8(answer.error().message));
        }
    }
}

void check_cassette(const HttpResponse& response) {
    Answering peer(response);
    RecordingHttpClient recorder(peer, {"s3cret"});
    const HttpRequest request{.url = "https://peer.example/a?token=b"};
    ASSERT(recorder.send(request, {}).has_value());
    const auto cassette = recorder.cassette();
    const auto names_it = [](const auto& header) {
        return header.first.find("3") != std::string::npos;
    };
    if (std::ranges::none_of(response.headers, names_it)) {
        ASSERT(cassette.find("s3cret") == std::string::npos);
    }
    auto replayer = ReplayingHttpClient::create(cassette);
    ASSERT(replayer.has_value());
    const auto again = replayer->send(request, {});
    ASSERT(again.has_value() && again->status == response.status);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view input(reinterpret_cast<const char*>(data), size);
    const auto response = response_of(input);
    check_grpc_web(response);
    check_cassette(response);
    // A cassette is a file somebody wrote by hand, too.
    auto replayer = ReplayingHttpClient::create(response.body);
    if (replayer.has_value()) static_cast<void>(replayer->send({.url = "https://a/"}, {}));
    return 0;
}
