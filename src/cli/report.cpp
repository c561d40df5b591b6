#include "cli/report.hpp"

#include "base/assert.hpp"

#include "core/text.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <ostream>

namespace rb::cli {

namespace {

using Json = nlohmann::ordered_json;

std::string text_of(const Cell& cell) {
    if (const auto* text = std::get_if<std::string>(&cell)) return *text;
    if (const auto* number = std::get_if<std::int64_t>(&cell)) return std::to_string(*number);
    return std::get<bool>(cell) ? "yes" : "no";
}

Json json_of(const Cell& cell) {
    return std::visit([](const auto& value) { return Json(value); }, cell);
}

Json json_of(const Table& table) {
    auto list = Json::array();
    for (const auto& row : table.rows) {
        Json object = Json::object();
        for (std::size_t i = 0; i < row.size(); ++i) object[table.columns[i]] = json_of(row[i]);
        list.push_back(std::move(object));
    }
    return list;
}

// What the database holds is UTF-8; should a name not be, it is shown with replacement characters.
void print_json(std::ostream& out, const Json& json) {
    out << json.dump(-1, ' ', false, Json::error_handler_t::replace) << '\n';
}

std::size_t width_of(const std::string& text) {
    return core::count_characters(text).value_or(text.size());
}

void print_line(std::ostream& out, const std::vector<std::string>& cells,
                const std::vector<std::size_t>& widths) {
    std::string line;
    for (std::size_t i = 0; i < cells.size(); ++i) {
        line += cells[i];
        if (i + 1 < cells.size()) line.append(widths[i] - width_of(cells[i]) + 2, ' ');
    }
    out << line << '\n';
}

}  // namespace

void print(std::ostream& out, const Table& table, Format format) {
    if (format == Format::json) {
        print_json(out, json_of(table));
        return;
    }
    std::vector<std::vector<std::string>> lines{table.columns};
    for (const auto& row : table.rows) {
        ASSERT(row.size() == table.columns.size());
        auto& line = lines.emplace_back();
        for (const auto& cell : row) line.push_back(text_of(cell));
    }
    std::vector<std::size_t> widths(table.columns.size());
    for (const auto& line : lines) {
        for (std::size_t i = 0; i < line.size(); ++i) {
            widths[i] = std::max(widths[i], width_of(line[i]));
        }
    }
    for (const auto& line : lines) print_line(out, line, widths);
}

void print(std::ostream& out, const Object& object, Format format) {
    if (format == Format::json) {
        Json json = Json::object();
        for (const auto& [name, cell] : object) json[name] = json_of(cell);
        print_json(out, json);
        return;
    }
    for (const auto& [name, cell] : object) out << name << ": " << text_of(cell) << '\n';
}

void print(std::ostream& out, const Sections& sections, Format format) {
    if (format == Format::json) {
        Json json = Json::object();
        for (const auto& [name, table] : sections) json[name] = json_of(table);
        print_json(out, json);
        return;
    }
    for (std::size_t i = 0; i < sections.size(); ++i) {
        out << (i == 0 ? "" : "\n") << sections[i].first << ":\n";
        print(out, sections[i].second, format);
    }
}

}  // namespace rb::cli
