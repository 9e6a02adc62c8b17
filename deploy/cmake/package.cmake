# The Debian package: cmake --preset release -DBUILD_TESTING=OFF, build, then
#   (cd build/release && cpack -G DEB)
# Both programs, their units, templates of their configuration as conffiles. Installing it starts
# nothing: there is no database to capture yet.
include(GNUInstallDirs)
set(deploy ${PROJECT_SOURCE_DIR}/deploy)
if(NOT EXISTS ${deploy}/package)  # an image's build has the sources and nothing else
  return()
endif()

install(FILES ${deploy}/package/connector.toml ${deploy}/package/monitor.toml
  DESTINATION /etc/walpulse COMPONENT package EXCLUDE_FROM_ALL
  PERMISSIONS OWNER_READ OWNER_WRITE GROUP_READ)
install(FILES ${deploy}/systemd/walpulse-connector.service ${deploy}/systemd/walpulse-monitor.service
  DESTINATION /lib/systemd/system COMPONENT package EXCLUDE_FROM_ALL)
install(FILES ${deploy}/systemd/walpulse.sysusers
  DESTINATION lib/sysusers.d RENAME walpulse.conf COMPONENT package EXCLUDE_FROM_ALL)
install(FILES ${PROJECT_SOURCE_DIR}/README.md
  DESTINATION share/doc/walpulse COMPONENT package EXCLUDE_FROM_ALL)
install(FILES ${deploy}/package/debian/copyright
  DESTINATION share/doc/walpulse COMPONENT package EXCLUDE_FROM_ALL)
install(FILES ${deploy}/package/debian/overrides
  DESTINATION share/lintian/overrides RENAME walpulse COMPONENT package EXCLUDE_FROM_ALL)

# Debian wants its changelog and manual pages compressed, the same on every build.
set(packed ${PROJECT_BINARY_DIR}/package)
file(MAKE_DIRECTORY ${packed})
execute_process(COMMAND gzip -9nc ${deploy}/package/debian/changelog OUTPUT_FILE ${packed}/changelog.gz)
install(FILES ${packed}/changelog.gz DESTINATION share/doc/walpulse COMPONENT package EXCLUDE_FROM_ALL)
foreach(program walpulse-connector walpulse-monitor)
  execute_process(COMMAND gzip -9nc ${deploy}/package/${program}.1 OUTPUT_FILE ${packed}/${program}.1.gz)
  install(FILES ${packed}/${program}.1.gz DESTINATION share/man/man1 COMPONENT package EXCLUDE_FROM_ALL)
endforeach()

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME walpulse)
set(CPACK_PACKAGE_VERSION ${PROJECT_VERSION})
set(CPACK_PACKAGE_CONTACT "walpulse maintainers <walpulse@example.com>")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_COMPONENTS_ALL Unspecified package)
set(CPACK_COMPONENTS_GROUPING ALL_COMPONENTS_IN_ONE)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_NAME walpulse)
set(CPACK_DEBIAN_PACKAGE_SECTION database)
set(CPACK_DEBIAN_PACKAGE_HOMEPAGE https://github.com/walpulse/walpulse)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_DESCRIPTION
"metrics of Mage.ai pipeline runs from PostgreSQL's log
walpulse-connector captures every change of Mage's pipeline_run table from
PostgreSQL's write-ahead log and publishes it to Pub/Sub. walpulse-monitor
turns the events into metrics for Cloud Monitoring and Prometheus: none is
lost, none is counted twice.")
set(CPACK_DEBIAN_PACKAGE_DEPENDS "adduser, ca-certificates")
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA
  ${deploy}/package/debian/conffiles ${deploy}/package/debian/postinst
  ${deploy}/package/debian/prerm ${deploy}/package/debian/postrm)
include(CPack)
