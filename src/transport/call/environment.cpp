#include "transport/call/environment.hpp"

namespace rb::transport {

bool BodyBudget::take(std::size_t bytes) {
    auto& total = environment_.counters.body_bytes_held;
    if (held_.fetch_add(bytes) + bytes <= limits::connection_body_bytes_max) {
        if (total.fetch_add(bytes) + bytes <= limits::body_bytes_max) return true;
        total.fetch_sub(bytes);
    }
    held_.fetch_sub(bytes);
    return false;
}

void BodyBudget::give_back(std::size_t bytes) {
    held_.fetch_sub(bytes);
    environment_.counters.body_bytes_held.fetch_sub(bytes);
}

}  // namespace rb::transport
