#include "transport/http2/flood_guard.hpp"

#include <algorithm>

namespace rb::transport::http2 {

bool TokenBucket::take(TimePoint now) {
    if (now > last_) {
        const double seconds = std::chrono::duration<double>(now - last_).count();
        tokens_ = std::min(per_second_, tokens_ + seconds * per_second_);
        last_ = now;
    }
    if (tokens_ < 1) return false;
    tokens_ -= 1;
    return true;
}

}  // namespace rb::transport::http2
