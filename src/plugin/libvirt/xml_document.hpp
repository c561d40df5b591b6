// XML as libvirt speaks it, read, edited and written through libxml2: what goes in as a value comes
// out as a value, whatever characters it has.

#pragma once

#include "base/result.hpp"

#include <libxml/tree.h>

#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace rb::plugin {

struct FreeXmlDocument {
    void operator()(xmlDoc* document) const { xmlFreeDoc(document); }
};
using XmlDocument = std::unique_ptr<xmlDoc, FreeXmlDocument>;

// A document that holds an empty root element.
XmlDocument new_xml_document(const char* root);
// ERRORS: internal  libvirt answered something that is not XML
Result<XmlDocument> parse_xml_document(std::string_view text);

xmlNode& root_of(const XmlDocument& document);

// A new last child, with text when there is one.
xmlNode& add_element(xmlNode& parent, const char* name, const std::string& text = {});
void set_attribute(xmlNode& element, const char* name, const std::string& value);
void set_text(xmlNode& element, const std::string& text);

// The first element down that path of names; null when there is none.
xmlNode* find_element(xmlNode& from, std::initializer_list<std::string_view> path);
// The children of that name.
std::vector<xmlNode*> elements_of(xmlNode& parent, std::string_view name);
// Empty when there is none.
std::string attribute_of(xmlNode& element, const char* name);
std::string text_of_element(xmlNode& element);

// Without the XML declaration.
std::string write_element(const XmlDocument& document, xmlNode& element);

}  // namespace rb::plugin
