#include "core/catalogue/group_service.hpp"

#include "core/catalogue/product_rules.hpp"
#include "core/operation_log/operation_log.hpp"
#include "core/text.hpp"
#include "core/unit_of_work.hpp"

namespace rb::core {

namespace {

Error group_not_found() {
    return Error{.code = ErrorCode::not_found,
                 .message = "id: there is no such product group",
                 .field = "id"};
}

Result<> check_fields(const Group& group) {
    TRY(check_text(group.name,
                   {.field = "name", .chars_min = 1, .chars_max = limits::group_name_chars_max}));
    TRY(check_text(group.description, {.field = "description",
                                       .chars_max = limits::description_chars_max,
                                       .line_breaks = LineBreaks::allowed}));
    if (group.sort_order > limits::sort_order_max) {
        return invalid_field("sort_order",
                             "must be at most " + std::to_string(limits::sort_order_max));
    }
    return {};
}

std::string text_of(const std::optional<CategoryId>& category) {
    return category ? category->to_string() : "";
}

Changes changes_between(const Group& before, const Group& after) {
    Changes changes;
    note_change(changes, "name", before.name, after.name);
    note_change(changes, "description", before.description, after.description);
    note_change(changes, "sort_order", std::to_string(before.sort_order),
                std::to_string(after.sort_order));
    note_change(changes, "category_id", text_of(before.category), text_of(after.category));
    return changes;
}

Operation operation_on(IdSource& ids, const Actor& actor, GroupId id, std::string action,
                       Changes changes, Timestamp now) {
    return {.id = ids.next_id<OperationId>(),
            .by = ActorStamp::of(actor),
            .action = std::move(action),
            .object_type = "product_group",
            .object_id = id.to_string(),
            .changes = std::move(changes),
            .at = now};
}

}  // namespace

Result<Page<Group>> GroupService::list(const Actor& actor, std::optional<CategoryId> category,
                                       PageRequest page) {
    auto unit = TRY(database_.read());
    return unit->groups().list({.category = category, .active_products_only = !actor.is_staff()},
                               page);
}

Result<Group> GroupService::get(const Actor& actor, GroupId id) {
    auto unit = TRY(database_.read());
    auto group = TRY(unit->groups().find(id, {.active_products_only = !actor.is_staff()}));
    if (!group) return group_not_found();
    return *std::move(group);
}

Result<Group> GroupService::create(const Actor& actor, const GroupFields& fields) {
    const auto now = clock_.now();
    const Group group{.id = ids_.next_id<GroupId>(),
                      .category = fields.category,
                      .name = std::string(trimmed(fields.name)),
                      .description = fields.description,
                      .sort_order = fields.sort_order,
                      .created_at = now,
                      .updated_at = now};
    TRY(check_fields(group));
    return in_transaction(database_, "create_group", [&](UnitOfWork& unit) -> Result<Group> {
        TRY(unit.groups().insert(group));
        TRY(unit.operation_log().append(operation_on(ids_, actor, group.id, "product_group.create",
                                                     changes_between({}, group), now)));
        return group;
    });
}

Result<Group> GroupService::update(const Actor& actor, GroupId id, const GroupFields& fields) {
    return in_transaction(database_, "update_group", [&](UnitOfWork& unit) -> Result<Group> {
        const auto before = TRY(unit.groups().find(id, {.active_products_only = false}));
        if (!before) return group_not_found();
        auto after = *before;
        after.category = fields.category;
        after.name = trimmed(fields.name);
        after.description = fields.description;
        after.sort_order = fields.sort_order;
        after.updated_at = clock_.now();
        TRY(check_fields(after));
        TRY(unit.groups().save(after));
        TRY(unit.operation_log().append(operation_on(ids_, actor, id, "product_group.update",
                                                     changes_between(*before, after),
                                                     after.updated_at)));
        return after;
    });
}

Result<> GroupService::remove(const Actor& actor, GroupId id) {
    return in_transaction(database_, "delete_group", [&](UnitOfWork& unit) -> Result<> {
        const auto before = TRY(unit.groups().find(id, {.active_products_only = false}));
        if (!before) return group_not_found();
        TRY(unit.groups().remove(id));
        return unit.operation_log().append(operation_on(
            ids_, actor, id, "product_group.delete", changes_between(*before, {}), clock_.now()));
    });
}

}  // namespace rb::core
