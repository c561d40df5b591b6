#include "system/descriptors.hpp"

#include <sys/resource.h>

#include <algorithm>

namespace rb::system {

std::size_t allow_descriptors(std::size_t wanted) {
    rlimit allowed{};
    if (::getrlimit(RLIMIT_NOFILE, &allowed) != 0) return 0;
    const auto before = allowed.rlim_cur;
    allowed.rlim_cur = std::max<rlim_t>(before, std::min<rlim_t>(wanted, allowed.rlim_max));
    return ::setrlimit(RLIMIT_NOFILE, &allowed) == 0 ? allowed.rlim_cur : before;
}

}  // namespace rb::system
