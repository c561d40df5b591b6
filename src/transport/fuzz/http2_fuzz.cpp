// Http2Session on arbitrary frames after a good preface, in arbitrary pieces.
//
// The first byte says how long the pieces are and whether requests are answered at once.

#include "transport/http2/session.hpp"
#include "transport/testing/http2_bytes.hpp"
#include "transport/testing/recording_host.hpp"

#include <cstddef>
#include <cstdint>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace rb::transport;
    if (size < 2) return 0;
    const std::size_t piece = (data[0] & 0x7fU) + 1U;
    std::string_view input(reinterpret_cast<const char*>(data) + 1, size - 1);

    testing::RecordingHost host;
    auto now = TimePoint{} + std::chrono::hours(1);
    http2::Http2Session session(host, {}, now);
    if ((data[0] & 0x80U) != 0) host.answer_with = &session;
    std::string out;
    session.receive(testing::preface(), now);
    while (!input.empty() && session.end() == http::SessionEnd::open) {
        now += std::chrono::milliseconds(1);
        session.receive(input.substr(0, piece), now);
        input.remove_prefix(std::min(piece, input.size()));
        out.clear();
        session.produce(out);
    }
    session.tick(now + std::chrono::seconds(40));
    session.drain(now);
    session.receive_end();
    return 0;
}
