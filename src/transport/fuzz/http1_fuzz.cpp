// Http1Session on arbitrary bytes in arbitrary pieces.
//
// The first byte says how long the pieces are and whether requests are answered at once.

#include "transport/http1/session.hpp"
#include "transport/testing/recording_host.hpp"

#include <cstddef>
#include <cstdint>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace rb::transport;
    if (size < 2) return 0;
    const std::size_t piece = (data[0] & 0x7fU) + 1U;
    std::string_view input(reinterpret_cast<const char*>(data) + 1, size - 1);

    testing::RecordingHost host;
    http1::Http1Session session(host, {}, {});
    if ((data[0] & 0x80U) != 0) host.answer_with = &session;
    std::string out;
    while (!input.empty() && session.end() == http::SessionEnd::open && session.wants_input()) {
        session.receive(input.substr(0, piece), {});
        input.remove_prefix(std::min(piece, input.size()));
        session.produce(out);
    }
    session.receive_end();
    session.produce(out);
    return 0;
}
