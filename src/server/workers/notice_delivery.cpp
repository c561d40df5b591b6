#include "server/workers/notice_delivery.hpp"

namespace rb::server {

Result<core::EventProgress> NoticeDelivery::handle(const core::Event& event) {
    const auto notice = TRY(core::notice_from(event.subject, event.payload));
    TRY(sender_.deliver(notice));
    return core::EventProgress::done();
}

}  // namespace rb::server
