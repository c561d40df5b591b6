#include "core/catalogue/category_service.hpp"

#include "core/catalogue/product_rules.hpp"
#include "core/operation_log/operation_log.hpp"
#include "core/text.hpp"
#include "core/unit_of_work.hpp"

namespace rb::core {

namespace {

Error category_not_found() {
    return Error{
        .code = ErrorCode::not_found, .message = "id: there is no such category", .field = "id"};
}

Result<> check_fields(const Category& category) {
    TRY(check_text(
        category.name,
        {.field = "name", .chars_min = 1, .chars_max = limits::category_name_chars_max}));
    return check_text(category.description, {.field = "description",
                                             .chars_max = limits::description_chars_max,
                                             .line_breaks = LineBreaks::allowed});
}

Changes changes_between(const Category& before, const Category& after) {
    Changes changes;
    note_change(changes, "name", before.name, after.name);
    note_change(changes, "description", before.description, after.description);
    note_change(changes, "sort_order", std::to_string(before.sort_order),
                std::to_string(after.sort_order));
    return changes;
}

Operation operation_on(IdSource& ids, const Actor& actor, CategoryId id, std::string action,
                       Changes changes, Timestamp now) {
    return {.id = ids.next_id<OperationId>(),
            .by = ActorStamp::of(actor),
            .action = std::move(action),
            .object_type = "product_category",
            .object_id = id.to_string(),
            .changes = std::move(changes),
            .at = now};
}

}  // namespace

Result<Page<Category>> CategoryService::list(PageRequest page) {
    auto unit = TRY(database_.read());
    return unit->categories().list(page);
}

Result<Category> CategoryService::get(CategoryId id) {
    auto unit = TRY(database_.read());
    auto category = TRY(unit->categories().find(id));
    if (!category) return category_not_found();
    return *std::move(category);
}

Result<Category> CategoryService::create(const Actor& actor, const CategoryFields& fields) {
    const auto now = clock_.now();
    const Category category{.id = ids_.next_id<CategoryId>(),
                            .name = std::string(trimmed(fields.name)),
                            .description = fields.description,
                            .sort_order = fields.sort_order,
                            .created_at = now,
                            .updated_at = now};
    TRY(check_fields(category));
    return in_transaction(database_, "create_category", [&](UnitOfWork& unit) -> Result<Category> {
        TRY(unit.categories().insert(category));
        TRY(unit.operation_log().append(operation_on(ids_, actor, category.id, "category.create",
                                                     changes_between({}, category), now)));
        return category;
    });
}

Result<Category> CategoryService::update(const Actor& actor, CategoryId id,
                                         const CategoryFields& fields) {
    return in_transaction(database_, "update_category", [&](UnitOfWork& unit) -> Result<Category> {
        const auto before = TRY(unit.categories().find(id));
        if (!before) return category_not_found();
        auto after = *before;
        after.name = trimmed(fields.name);
        after.description = fields.description;
        after.sort_order = fields.sort_order;
        after.updated_at = clock_.now();
        TRY(check_fields(after));
        TRY(unit.categories().save(after));
        TRY(unit.operation_log().append(operation_on(ids_, actor, id, "category.update",
                                                     changes_between(*before, after),
                                                     after.updated_at)));
        return after;
    });
}

Result<> CategoryService::remove(const Actor& actor, CategoryId id) {
    return in_transaction(database_, "delete_category", [&](UnitOfWork& unit) -> Result<> {
        const auto before = TRY(unit.categories().find(id));
        if (!before) return category_not_found();
        TRY(unit.categories().remove(id));
        return unit.operation_log().append(operation_on(
            ids_, actor, id, "category.delete", changes_between(*before, {}), clock_.now()));
    });
}

}  // namespace rb::core
