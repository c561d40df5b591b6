#include "core/catalogue/product_changes.hpp"

namespace rb::core {

namespace {

std::string text_of(const std::optional<GroupId>& group) {
    return group ? group->to_string() : "";
}
std::string text_of(const std::optional<std::int64_t>& stock) {
    return stock ? std::to_string(*stock) : "no limit";
}
std::string text_of(const std::optional<Money>& cost) {
    return cost ? cost->to_string() + " " + std::string(cost->currency().code()) : "";
}
std::string text_of(const std::map<std::string, std::string>& map) {
    std::string text;
    for (const auto& [key, value] : map) text += (text.empty() ? "" : ", ") + key + "=" + value;
    return text;
}
std::string text_of(const std::map<BillingCycle, Money>& cycles) {
    std::map<std::string, std::string> texts;
    for (const auto& [cycle, price] : cycles) texts.emplace(name_of(cycle), price.to_string());
    return text_of(texts);
}

}  // namespace

Changes changes_between(const Product& before, const Product& after) {
    Changes changes;
    note_change(changes, "name", before.name, after.name);
    note_change(changes, "description", before.description, after.description);
    note_change(changes, "price", before.price.to_string(), after.price.to_string());
    note_change(changes, "provider_id", before.provider_id, after.provider_id);
    note_change(changes, "upstream_product_id", before.upstream_product_id,
                after.upstream_product_id);
    note_change(changes, "cost_price", text_of(before.cost_price), text_of(after.cost_price));
    note_change(changes, "cost_cycles", text_of(before.cost_cycles), text_of(after.cost_cycles));
    note_change(changes, "group_id", text_of(before.group), text_of(after.group));
    note_change(changes, "specs", text_of(before.specs), text_of(after.specs));
    note_change(changes, "billing_cycles", text_of(before.billing_cycles),
                text_of(after.billing_cycles));
    note_change(changes, "active", before.active ? "yes" : "no", after.active ? "yes" : "no");
    note_change(changes, "stock", text_of(before.stock), text_of(after.stock));
    note_change(changes, "sort_order", std::to_string(before.sort_order),
                std::to_string(after.sort_order));
    return changes;
}

Operation product_operation(IdSource& ids, const Actor& actor, ProductId id, std::string action,
                            Changes changes, Timestamp now) {
    return {.id = ids.next_id<OperationId>(),
            .by = ActorStamp::of(actor),
            .action = std::move(action),
            .object_type = "product",
            .object_id = id.to_string(),
            .changes = std::move(changes),
            .at = now};
}

}  // namespace rb::core
