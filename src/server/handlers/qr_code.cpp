#include "server/handlers/qr_code.hpp"

#include "transport/base64.hpp"

#include "server/limits.hpp"

#include <qrencode.h>

#include <memory>

namespace rb::server {

namespace {

struct QrCodeFree {
    void operator()(QRcode* code) const { QRcode_free(code); }
};
using QrCode = std::unique_ptr<QRcode, QrCodeFree>;

// The quiet zone ISO/IEC 18004 asks for, in modules.
constexpr int margin = 4;

// One path of squares: small, and sharp at every size.
std::string svg_of(const QRcode& code) {
    const auto size = std::to_string(code.width + 2 * margin);
    std::string svg = "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 " + size + " " +
                      size + "\" shape-rendering=\"crispEdges\"><path fill=\"#fff\" d=\"M0 0h" +
                      size + "v" + size + "H0z\"/><path d=\"";
    for (int y = 0; y < code.width; ++y) {
        for (int x = 0; x < code.width; ++x) {
            // Bit 0 of a module says whether it is dark.
            if ((code.data[y * code.width + x] & 1) == 0) continue;
            int run = 1;
            while (x + run < code.width && (code.data[y * code.width + x + run] & 1) != 0) ++run;
            svg += "M" + std::to_string(x + margin) + " " + std::to_string(y + margin) + "h" +
                   std::to_string(run) + "v1h-" + std::to_string(run) + "z";
            x += run - 1;
        }
    }
    return svg + "\"/></svg>";
}

}  // namespace

std::string qr_data_url(std::string_view text) {
    if (text.empty() || text.size() > limits::qr_text_bytes_max) return {};
    const std::string terminated(text);
    const QrCode code(QRcode_encodeString8bit(terminated.c_str(), 0, QR_ECLEVEL_M));
    if (code == nullptr) return {};
    return "data:image/svg+xml;base64," + transport::base64_encode(svg_of(*code));
}

}  // namespace rb::server
